package wal

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/jackc/pglogrepl"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"
	"github.com/jackc/pgx/v5/pgxpool"

	"sverka/replicator"
)

// behind is how old a commit is when it arrives at a stream that has to catch up.
// A server whose clock is wrong by more costs or saves a nap, nothing else.
const behind = 250 * time.Millisecond

// Hook makes changes durable inside the transaction that also stores the
// position. It may be called several times for one transaction of the source.
type Hook func(ctx context.Context, tx pgx.Tx, changes []replicator.Change) error

// Config says what to read and how.
type Config struct {
	URL          string        // replication connection
	Slot         string        // "sverka" when empty
	Publication  string        // "sverka" when empty
	Tables       []string      // tables of schema canonical that must be published
	Chunk        int           // changes per hook call, 10 000 when zero
	StageTimeout time.Duration // of one hook call or commit, 30 s when zero
	IdleEvery    time.Duration // how often an idle stream moves its position, 10 s when zero
}

func (c Config) withDefaults() Config {
	if c.Slot == "" {
		c.Slot = "sverka"
	}
	if c.Publication == "" {
		c.Publication = "sverka"
	}
	if c.Chunk == 0 {
		c.Chunk = 10_000
	}
	if c.StageTimeout == 0 {
		c.StageTimeout = 30 * time.Second
	}
	if c.IdleEvery == 0 {
		c.IdleEvery = 10 * time.Second
	}
	return c
}

// Stream reads one slot. Use one Run at a time.
type Stream struct {
	cfg       Config
	pool      *pgxpool.Pool
	hooks     []Hook
	everyRow  func(ctx context.Context, tx pgx.Tx) error
	committed func()
	log       *slog.Logger
}

// New makes a stream. everyRow is called once, in the transaction that stores the
// first position, to wish for every row that was there before the slot; committed
// is called after each commit of staged changes.
func New(cfg Config, pool *pgxpool.Pool, log *slog.Logger, everyRow func(context.Context, pgx.Tx) error, committed func(), hooks ...Hook) *Stream {
	return &Stream{cfg: cfg.withDefaults(), pool: pool, hooks: hooks, everyRow: everyRow, committed: committed, log: log}
}

// session is the state of one Run.
type session struct {
	*Stream

	conn      *pgconn.PgConn
	net       *coalescingConn
	sys       pglogrepl.IdentifySystemResult
	decoder   *decoder
	tx        pgx.Tx // open while changes of unfinished transactions are staged
	buf       []replicator.Change
	whole     int           // changes at the head of buf whose transactions are finished
	xids      []uint32      // committed in buf, for the visibility check
	done      pglogrepl.LSN // end of the last whole transaction in buf or tx
	position  pglogrepl.LSN // stored
	received  pglogrepl.LSN // newest the server told of
	lastState time.Time     // last status update
	lastIdle  time.Time
}

// Run reads until ctx ends (nil) or something breaks. A broken connection is an
// error; the caller runs again. See the package comment for what is checked first.
func (s *Stream) Run(ctx context.Context) error {
	conn, nc, err := connect(ctx, s.cfg.URL)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx)) //nolint:errcheck // the stream is over either way
	ses := &session{Stream: s, conn: conn, net: nc, decoder: newDecoder("canonical"), lastState: time.Now(), lastIdle: time.Now()}
	if err := ses.begin(ctx); err != nil {
		return err
	}
	defer ses.rollback(ctx)
	// A cancelled ctx interrupts a read that waits for the server.
	stop := context.AfterFunc(ctx, func() { _ = nc.SetReadDeadline(time.Unix(1, 0)) })
	defer stop()
	err = ses.loop(ctx)
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// begin checks where we stand and starts the stream there.
func (s *session) begin(ctx context.Context) error {
	var err error
	if s.sys, err = pglogrepl.IdentifySystem(ctx, s.conn); err != nil {
		return fmt.Errorf("identify the server: %w", err)
	}
	if err := checkPublication(ctx, s.pool, s.cfg.Publication, s.cfg.Tables); err != nil {
		return err
	}
	if s.position, err = s.startPosition(ctx); err != nil {
		return err
	}
	err = pglogrepl.StartReplication(ctx, s.conn, quoteIdentifier(s.cfg.Slot), s.position, pglogrepl.StartReplicationOptions{
		Mode:       pglogrepl.LogicalReplication,
		PluginArgs: []string{"proto_version '1'", "publication_names " + quoteLiteral(quoteIdentifier(s.cfg.Publication))},
	})
	if err != nil {
		return fmt.Errorf("start replication from slot %s at %s: %w", s.cfg.Slot, s.position, err)
	}
	// The slot is ours now. Whoever held it until this moment may have stored more
	// than we read before; what lies before the position is not staged twice.
	stored, err := loadPosition(ctx, s.pool, s.cfg.Slot)
	if err != nil {
		return err
	}
	s.position = max(s.position, stored.lsn)
	s.done, s.received = s.position, s.position
	s.log.InfoContext(ctx, "replication started", slog.String("slot", s.cfg.Slot), slog.String("lsn", s.position.String()))
	return nil
}

// startPosition decides from the stored position and the slot where to begin.
func (s *session) startPosition(ctx context.Context) (pglogrepl.LSN, error) {
	slot, stored, err := s.standing(ctx)
	if err == nil && stored.stored && !slot.exists {
		// The process that made the slot stored the position after we had looked for the slot.
		slot, stored, err = s.standing(ctx)
	}
	if err != nil {
		return 0, err
	}
	if !stored.stored {
		return s.firstStart(ctx, slot, false)
	}
	switch {
	case stored.systemIdentifier != s.sys.SystemID:
		return 0, &OtherClusterError{Stored: stored.systemIdentifier, Found: s.sys.SystemID}
	case !slot.exists:
		return 0, &SlotLostError{Slot: s.cfg.Slot, Position: stored.lsn, Reason: "does not exist"}
	case slot.walStatus == "lost":
		return 0, &SlotLostError{Slot: s.cfg.Slot, Position: stored.lsn, Reason: "was invalidated by the server (max_slot_wal_keep_size)"}
	case stored.lsn < slot.confirmed:
		// Invariant 7: our position is older than the slot's start; never carry on silently.
		return 0, &GapError{Slot: s.cfg.Slot, Position: stored.lsn, Confirmed: slot.confirmed}
	}
	return stored.lsn, nil
}

// standing reads the slot before the position: another process that holds the slot
// stores a position before it confirms it, so read in this order a position that
// lies before the slot's start is a gap, and never only a glance at two moments.
func (s *session) standing(ctx context.Context) (slotState, position, error) {
	slot, err := readSlot(ctx, s.pool, s.cfg.Slot)
	if err != nil {
		return slotState{}, position{}, err
	}
	stored, err := loadPosition(ctx, s.pool, s.cfg.Slot)
	return slot, stored, err
}

// firstStart makes the slot and stores the first position together with wishes
// for every row that was there before: those committed later come by the stream.
// With again a position that is stored is replaced.
func (s *session) firstStart(ctx context.Context, slot slotState, again bool) (pglogrepl.LSN, error) {
	if slot.exists && slot.confirmed == 0 {
		return 0, fmt.Errorf("slot %s: another process is making it", s.cfg.Slot)
	}
	lsn := slot.confirmed
	if !slot.exists {
		var err error
		if lsn, err = createSlot(ctx, s.conn, s.cfg.Slot); err != nil {
			return 0, err
		}
	}
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		// Of processes that begin together one stores the first position; the others
		// must not take it back.
		if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended('sverka slot ' || $1::text, 0))`, s.cfg.Slot); err != nil {
			return fmt.Errorf("wait for another first start: %w", err)
		}
		stored, err := loadPosition(ctx, tx, s.cfg.Slot)
		if err != nil {
			return err
		}
		if stored.stored && !again {
			lsn = stored.lsn
			return nil
		}
		if err := s.everyRow(ctx, tx); err != nil {
			return err
		}
		return savePosition(ctx, tx, s.cfg.Slot, s.sys, lsn)
	})
	if err != nil {
		return 0, fmt.Errorf("store the first position of slot %s: %w", s.cfg.Slot, err)
	}
	s.committed()
	return lsn, nil
}

func (s *session) loop(ctx context.Context) error {
	for ctx.Err() == nil {
		waiting := s.net.buffered() > 0 || s.conn.Frontend().ReadBufferLen() > 0
		// A stream that is behind gathers a whole chunk; otherwise what has come is
		// committed as soon as nothing more waits to be read.
		if s.done > s.position && (len(s.buf) >= s.cfg.Chunk || !waiting && !s.net.catchingUp) {
			if err := s.flush(ctx); err != nil {
				return err
			}
		} else if len(s.buf) >= s.cfg.Chunk {
			if err := s.stage(ctx); err != nil {
				return err
			}
		}
		if !waiting {
			if err := s.whenIdle(ctx); err != nil {
				return err
			}
		}
		msg, err := s.conn.Frontend().Receive()
		if errors.Is(err, os.ErrDeadlineExceeded) {
			s.net.catchingUp = false // nothing more to gather
			if err := s.whenIdle(ctx); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			return fmt.Errorf("read from slot %s: %w", s.cfg.Slot, err)
		}
		if err := s.handle(ctx, msg); err != nil {
			return err
		}
	}
	return nil
}

func (s *session) handle(ctx context.Context, msg pgproto3.BackendMessage) error {
	switch m := msg.(type) {
	case *pgproto3.ErrorResponse:
		return fmt.Errorf("slot %s: %w", s.cfg.Slot, pgconn.ErrorResponseToPgError(m))
	case *pgproto3.CopyDone:
		return fmt.Errorf("slot %s: the server ended the stream", s.cfg.Slot)
	case *pgproto3.CopyData:
		switch m.Data[0] {
		case pglogrepl.PrimaryKeepaliveMessageByteID:
			return s.keepalive(ctx, m.Data[1:])
		case pglogrepl.XLogDataByteID:
			return s.data(m.Data[1:])
		}
	}
	return nil
}

func (s *session) data(b []byte) error {
	xld, err := pglogrepl.ParseXLogData(b)
	if err != nil {
		return fmt.Errorf("slot %s: %w", s.cfg.Slot, err)
	}
	before := len(s.buf)
	buf, end, err := s.decoder.decode(xld.WALData, s.buf)
	if err != nil {
		return fmt.Errorf("decode slot %s at %s: %w", s.cfg.Slot, xld.WALStart, err)
	}
	s.buf = buf
	if pglogrepl.LSN(s.decoder.finalLSN) < s.position {
		s.buf = s.buf[:before] // sent again, already staged
		return nil
	}
	if end != nil {
		s.done, s.whole = pglogrepl.LSN(end.endLSN), len(s.buf)
		s.received = max(s.received, s.done)
		s.xids = append(s.xids, end.xid)
		if time.Since(s.decoder.committed) > behind {
			s.net.catchingUp = true
		}
	}
	return nil
}

func (s *session) keepalive(ctx context.Context, b []byte) error {
	k, err := pglogrepl.ParsePrimaryKeepaliveMessage(b)
	if err != nil {
		return fmt.Errorf("slot %s: %w", s.cfg.Slot, err)
	}
	s.received = max(s.received, k.ServerWALEnd)
	if k.ReplyRequested {
		return s.status(ctx)
	}
	return nil
}

// whenIdle sends what is due while nothing waits to be read, and bounds the next read.
func (s *session) whenIdle(ctx context.Context) error {
	now := time.Now()
	nothingOpen := s.tx == nil && len(s.buf) == 0
	if nothingOpen && s.received > s.position && now.Sub(s.lastIdle) >= s.cfg.IdleEvery {
		// Published tables are quiet while others write: without this the slot would
		// hold WAL for ever. Everything up to received was sent to us, and staged.
		s.done, s.lastIdle = s.received, now
		if err := s.flush(ctx); err != nil {
			return err
		}
	}
	if now.Sub(s.lastState) >= time.Second {
		if err := s.status(ctx); err != nil {
			return err
		}
	}
	if ctx.Err() == nil {
		limit := time.Second
		if s.done > s.position {
			limit = 2 * longestNap // a chunk that is being gathered must not wait for more that does not come
		}
		_ = s.net.SetReadDeadline(now.Add(limit)) // a failing deadline shows as a failing read
	}
	return nil
}

// status confirms the stored position. All three positions are sent: pglogrepl
// would replace a zero by the write position and the slot would jump ahead.
func (s *session) status(ctx context.Context) error {
	s.lastState = time.Now()
	err := pglogrepl.SendStandbyStatusUpdate(ctx, s.conn, pglogrepl.StandbyStatusUpdate{
		WALWritePosition: max(s.received, s.position), WALFlushPosition: s.position, WALApplyPosition: s.position,
	})
	if err != nil {
		return fmt.Errorf("confirm %s to slot %s: %w", s.position, s.cfg.Slot, err)
	}
	return nil
}
