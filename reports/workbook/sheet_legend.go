package workbook

import (
	"errors"
	"fmt"
)

// legendSheet says in words how to read and fill the workbook in.
func (b *book) legendSheet() sheet {
	lines := b.legendLines()
	return sheet{
		name: b.t.say("sheet.legend"),
		shell: func(name string) error {
			return errors.Join(
				b.heading(name, b.t.say("title.legend"), ""),
				b.widths(name, 16, 34, 78, 44),
				b.f.SetSheetDimension(name, fmt.Sprintf("A1:D%d", headerRow+len(lines))),
				b.page(name, page{onePage: true}),
			)
		},
		fill: func(c *cells) error {
			for i, l := range lines {
				c.begin(headerRow+i, l.height)
				l.cells(c)
				if err := c.end(); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

// legendTips is how many paragraphs the legend begins with.
const legendTips = 8

func (b *book) legendLines() []line {
	s := &summary{book: b}
	s.block("legend.read")
	for i := range legendTips {
		s.add(0, func(c *cells) { c.text(c.styles.note, b.t.say(fmt.Sprintf("legend.%d", i+1))) })
	}
	s.block("legend.classes", "col.code", "col.class", "col.meaning", "col.usual")
	for _, class := range Classes() {
		s.row(string(class), b.t.say("class."+string(class)), b.t.say("help."+string(class)), b.t.say("repair."+string(class)))
	}
	s.block("legend.states", "col.code", "col.state", "col.meaning")
	for _, state := range []State{Open, Reopened, Provisional, Accepted, Resolved} {
		s.row(string(state), b.t.state(state), b.t.say("state."+string(state)+".help"))
	}
	s.block("legend.severities", "col.code", "col.severity", "col.meaning")
	for _, severity := range []Severity{High, Medium, Low} {
		s.row(string(severity), b.t.say("severity."+string(severity)), b.t.say("severity."+string(severity)+".help"))
	}
	return s.lines
}

func (s *summary) row(texts ...string) {
	s.add(0, func(c *cells) {
		for _, text := range texts {
			c.text(c.styles.text, text)
		}
	})
}
