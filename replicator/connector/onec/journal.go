package onec

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"sverka/replicator"
	"sverka/schema"
)

// Values of the register's state: what a person in 1C sees.
const (
	stateError    = "Ошибка"
	stateWarning  = "Предупреждение"
	stateResolved = "Решена"
	stateCleared  = "Снято" // a warning that is over
	stateDate     = "02.01.2006"
	hintLabel     = "\nЧто делать: "
)

// projectJournal is what the register holds of an entry: flow, field and source
// file have no property there; of the resolution it keeps the day.
func (c *Client) projectJournal(source *schema.JournalEntry) schema.Record {
	out := &schema.JournalEntry{
		Provenance: schema.Provenance{System: schema.OneC}, EntryID: source.EntryID, Severity: source.Severity, Code: cut(source.Code, 50),
		SourceSystem: schema.System(cut(string(source.SourceSystem), 20)), SubjectEntity: source.SubjectEntity, SubjectKey: cut(source.SubjectKey, 100),
		FirstSeenAt: source.FirstSeenAt.UTC().Truncate(time.Second), Occurrences: source.Occurrences,
	}
	out.Message, out.Hint = splitHint(journalText(source))
	if !source.ResolvedAt.IsZero() {
		y, m, d := source.ResolvedAt.In(c.cfg.Location).Date()
		out.ResolvedAt = time.Date(y, m, d, 0, 0, 0, 0, c.cfg.Location).UTC()
	}
	return out
}

// journalText is message and hint in one field of 1000 characters.
func journalText(j *schema.JournalEntry) string {
	text := strings.TrimSpace(j.Message)
	if hint := strings.TrimSpace(j.Hint); hint != "" {
		text += hintLabel + hint
	}
	return cut(text, 1000)
}

func splitHint(text string) (message, hint string) {
	message, hint, _ = strings.Cut(text, hintLabel)
	return message, hint
}

func (c *Client) journalState(j *schema.JournalEntry) string {
	switch {
	case !j.ResolvedAt.IsZero() && j.Severity == schema.SeverityWarning:
		return stateCleared + " " + j.ResolvedAt.In(c.cfg.Location).Format(stateDate)
	case !j.ResolvedAt.IsZero():
		return stateResolved + " " + j.ResolvedAt.In(c.cfg.Location).Format(stateDate)
	case j.Severity == schema.SeverityWarning:
		return stateWarning
	}
	return stateError
}

// journalEntry reads a record of the register.
func (c *Client) journalEntry(r row) (*schema.JournalEntry, error) {
	f := c.n.JournalFields
	j := &schema.JournalEntry{
		Provenance: schema.Provenance{System: schema.OneC, ExternalID: r.text(f.ID), ObservedAt: c.now()}, EntryID: r.text(f.ID), Severity: schema.SeverityError,
		Code: r.text(f.Code), SourceSystem: schema.System(r.text(f.Source)), SubjectEntity: schema.Entity(r.text(f.Entity)), SubjectKey: r.text(f.Key),
		FirstSeenAt: c.time(r, f.At),
	}
	j.Message, j.Hint = splitHint(r.text(f.Message))
	n, err := strconv.Atoi(r.digits(f.Occurrences))
	if err != nil {
		return nil, fmt.Errorf("%s is not a whole number", f.Occurrences)
	}
	j.Occurrences = n
	word, day, _ := strings.Cut(r.text(f.State), " ")
	if word == stateWarning || word == stateCleared {
		j.Severity = schema.SeverityWarning
	}
	if t, err := time.ParseInLocation(stateDate, day, c.cfg.Location); err == nil {
		j.ResolvedAt = t.UTC()
	}
	return j, nil
}

// writeJournal puts entries into the register. A duplicate key is refused by 1C,
// so writing the same entry twice leaves one.
func (c *Client) writeJournal(ctx context.Context, batch []replicator.Delivery, out *results) error {
	out.each(ctx, len(batch), func(ctx context.Context, i int) error {
		w, ok := batch[i].Wanted.(*schema.JournalEntry)
		if !ok {
			return rejected("write journal entry", "nothing is wanted", "")
		}
		note, r, err := c.putEntry(ctx, w)
		if err != nil {
			return err
		}
		got, err := c.journalEntry(r)
		if err != nil {
			return rejected("read journal entry", err.Error(), "")
		}
		if diff := differences(w, got); len(diff) > 0 {
			return altered("write journal entry", diff)
		}
		out.confirm(i, note, w.EntryID, got)
		return nil
	})
	return nil
}

func (c *Client) putEntry(ctx context.Context, w *schema.JournalEntry) (string, row, error) {
	f := c.n.JournalFields
	body := row{
		f.ID: w.EntryID, f.At: c.local(w.FirstSeenAt), f.Source: string(w.SourceSystem), f.Entity: string(w.SubjectEntity), f.Key: w.SubjectKey,
		f.Code: w.Code, f.Message: journalText(w), f.Occurrences: w.Occurrences, f.State: c.journalState(w),
	}
	r, err := c.create(ctx, c.n.Journal, body)
	kind := replicator.KindOf(err)
	if err == nil || kind != replicator.Rejected && kind != replicator.Unknown {
		return "created", r, err
	}
	path := c.n.Journal + "(" + f.ID + "=" + textLiteral(w.EntryID) + ")"
	var have row
	if readErr := c.get(ctx, "read "+c.n.Journal, path, "", &have); readErr != nil {
		return "", nil, err // not there: the first answer stands
	}
	if same, _ := c.journalEntry(have); same != nil && len(differences(w, same)) == 0 {
		return alreadyThere, have, nil
	}
	r, err = c.send(ctx, "PATCH", path, body)
	return "counted", r, err
}
