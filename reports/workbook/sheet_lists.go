package workbook

import (
	"errors"
	"fmt"

	"github.com/xuri/excelize/v2"
)

// resolutions is how many resolutions a person can choose from.
const resolutions = 8

// listsSheet holds what the validation lists offer; people never see it.
func (b *book) listsSheet() sheet {
	name := b.t.say("sheet.lists")
	return sheet{
		name: name, hidden: true,
		shell: func(name string) error {
			problems := []error{b.f.SetDefinedName(&excelize.DefinedName{
				Name: listResolution, RefersTo: fmt.Sprintf("%s!$A$2:$A$%d", quoted(name), resolutions+1),
			})}
			if n := len(b.r.Owners); n > 0 {
				problems = append(problems, b.f.SetDefinedName(&excelize.DefinedName{
					Name: listOwner, RefersTo: fmt.Sprintf("%s!$B$2:$B$%d", quoted(name), n+1),
				}))
			}
			return named("names", errors.Join(problems...))
		},
		fill: b.fillLists,
	}
}

func (b *book) fillLists(c *cells) error {
	c.begin(1, 0)
	c.text(c.styles.text, b.t.say("col.resolution"))
	c.text(c.styles.text, b.t.say("col.owner"))
	if err := c.end(); err != nil {
		return err
	}
	for i := range max(resolutions, len(b.r.Owners)) {
		c.begin(i+2, 0)
		if i < resolutions {
			c.text(c.styles.text, b.t.say(fmt.Sprintf("list.%d", i+1)))
		} else {
			c.skip(1)
		}
		if i < len(b.r.Owners) {
			c.text(c.styles.text, b.r.Owners[i])
		}
		if err := c.end(); err != nil {
			return err
		}
	}
	return nil
}
