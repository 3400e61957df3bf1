package apicall

import (
	"context"
	"sync"
	"time"
)

// Exchange is one call as it is kept in ops.exchange: raw proof for disputes.
// Bodies are bounded; URLs carry no query and headers are not kept, since
// signatures and tokens travel there.
type Exchange struct {
	System    string
	Operation string
	Method    string
	Path      string // without query
	StartedAt time.Time
	Duration  time.Duration
	Status    int // HTTP status, 0 when no answer came
	Request   []byte
	Response  []byte
	Err       string // "" on success
}

type recorderKey struct{}

// Recorder gathers the exchanges made under one context.
type Recorder struct {
	mu        sync.Mutex
	exchanges []Exchange
}

// WithRecorder makes every call under the returned context add its exchange to the recorder.
func WithRecorder(ctx context.Context) (context.Context, *Recorder) {
	r := &Recorder{}
	return context.WithValue(ctx, recorderKey{}, r), r
}

// Exchanges returns what was recorded so far, oldest first.
func (r *Recorder) Exchanges() []Exchange {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]Exchange(nil), r.exchanges...)
}

// Take returns what was recorded so far and forgets it.
func (r *Recorder) Take() []Exchange {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := r.exchanges
	r.exchanges = nil
	return out
}

func record(ctx context.Context, e Exchange) {
	if r, ok := ctx.Value(recorderKey{}).(*Recorder); ok {
		r.mu.Lock()
		r.exchanges = append(r.exchanges, e)
		r.mu.Unlock()
	}
}
