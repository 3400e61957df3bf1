package jushuitan

import (
	"encoding/json"
	"fmt"

	"sverka/replicator"
	"sverka/schema"
)

// stage puts a record into a page, or among the refused when it is not fit.
func stage(p *replicator.Page, r schema.Record) {
	if problems := r.Validate(); len(problems) > 0 {
		p.Refused = append(p.Refused, replicator.Refusal{
			Entity: r.RecordEntity(), Key: r.RecordKey(), ExternalID: r.Prov().ExternalID, Code: "validation", Problems: problems,
		})
		return
	}
	p.Records = append(p.Records, r)
}

// decodeRow reads one row; a row that cannot be read is refused alone, with as
// much of its identity as can still be seen (invariant 5).
func decodeRow(p *replicator.Page, e schema.Entity, raw json.RawMessage, into any, keyField, idField string) bool {
	err := json.Unmarshal(raw, into)
	if err == nil {
		return true
	}
	var fields map[string]json.RawMessage
	_ = json.Unmarshal(raw, &fields) // a row that is no object simply shows no identity
	see := func(name string) string {
		var t text
		if v := fields[name]; v == nil || t.UnmarshalJSON(v) != nil {
			return ""
		}
		return string(t)
	}
	p.Refused = append(p.Refused, replicator.Refusal{
		Entity: e, Key: schema.Key(see(keyField)), ExternalID: see(idField), Code: "malformed",
		Problems: []schema.Problem{{Field: "row", Reason: fmt.Sprintf("cannot be read: %v", err), Hint: "look at the row in Jushuitan and tell the developers of this exchange"}},
	})
	return false
}

// unmapped refuses a row of a warehouse that the configuration does not name.
func unmapped(p *replicator.Page, e schema.Entity, key schema.Key, externalID, wms string) {
	p.Refused = append(p.Refused, replicator.Refusal{
		Entity: e, Key: key, ExternalID: externalID, Code: "unmapped",
		Problems: []schema.Problem{{Field: "warehouse_code", Value: wms, Reason: "the warehouse of Jushuitan is not mapped", Hint: "give its wms_co_id a warehouse code in the configuration"}},
	})
}

// malformed refuses a row with a field that cannot be understood.
func malformed(p *replicator.Page, e schema.Entity, key schema.Key, externalID, field string, err error) {
	p.Refused = append(p.Refused, replicator.Refusal{
		Entity: e, Key: key, ExternalID: externalID, Code: "malformed",
		Problems: []schema.Problem{{Field: field, Reason: err.Error(), Hint: "correct the value in Jushuitan, or extend the mapping of this connector"}},
	})
}
