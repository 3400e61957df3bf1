package reconcile_test

import "testing"

func TestRun_AgreesOnACleanWorld(t *testing.T) {
	t.Parallel()
	db := newDB(t)
	cleanWorld(30, 20).write(t, db)
	s := run(t, db)
	if got := listed(t, db, s.ID); len(got) != 0 {
		t.Fatalf("a clean world must have no finding, got %d, first %+v", len(got), got[0])
	}
	for _, tt := range s.Timings {
		t.Log(tt)
	}
	t.Logf("%+v", s.Tallies)
	t.Logf("%+v", s.Totals)
}
