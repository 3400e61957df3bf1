package schema

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"
)

// Severities of a journal entry.
const (
	SeverityWarning = "warning"
	SeverityError   = "error"
)

// JournalEntry is one error that a person should know of; repeats of the same
// fault are one entry with a count. Key: entry id.
type JournalEntry struct {
	Provenance
	EntryID       string    `json:"entry_id"`
	Severity      string    `json:"severity"`
	Code          string    `json:"code"` // stable word: validation, unmapped, rejected, dead …
	Flow          string    `json:"flow"` // "" for intake
	SourceSystem  System    `json:"source_system"`
	SubjectEntity Entity    `json:"subject_entity"`
	SubjectKey    string    `json:"subject_key"`
	Field         string    `json:"field"`
	Message       string    `json:"message"` // never holds personal data
	Hint          string    `json:"hint"`
	SourceFile    string    `json:"source_file"`
	FirstSeenAt   time.Time `json:"first_seen_at"`
	LastSeenAt    time.Time `json:"last_seen_at"`
	Occurrences   int       `json:"occurrences"`
	ResolvedAt    time.Time `json:"resolved_at,omitzero"`
}

// JournalID is the stable id of a fault: the same fault tomorrow is the same entry.
func JournalID(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x1f")))
	return hex.EncodeToString(sum[:18])
}

// AddressID is the key of an address text: a digest of its normalised words.
func AddressID(text string) string {
	words := strings.Fields(strings.ToLower(text))
	sum := sha256.Sum256([]byte(strings.Join(words, " ")))
	return hex.EncodeToString(sum[:16])
}

// RecordEntity implements [Record].
func (j *JournalEntry) RecordEntity() Entity { return EntityJournalEntry }

// RecordKey implements [Record].
func (j *JournalEntry) RecordKey() Key { return Key(j.EntryID) }

// Prov implements [Record].
func (j *JournalEntry) Prov() *Provenance { return &j.Provenance }

// Validate implements [Record].
func (j *JournalEntry) Validate() []Problem {
	var c checker
	c.key("entry_id", j.EntryID, 36)
	c.oneOf("severity", j.Severity, SeverityWarning, SeverityError)
	c.required("message", j.Message)
	return c.problems
}
