package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"sverka/schema/localpg"
)

const (
	// localDatabase is what our database is called in a private Postgres.
	localDatabase = "sverka"
	// connectTimeout bounds the wait for a database that does not answer.
	connectTimeout = 10 * time.Second
	// maxConnections of one process; they are opened when they are needed.
	maxConnections = 24
)

// database is an open database with the addresses it was reached by.
type database struct {
	pool           *pgxpool.Pool
	url            string // holds a password: never logged
	replicationURL string
	cluster        *localpg.Cluster // nil unless this process started it
	log            *slog.Logger
}

// openDatabase connects to the configured database, or starts the private one. An
// error is an *[environmentError] unless the configuration names no database.
func openDatabase(ctx context.Context, cfg *loadedConfig, log *slog.Logger) (*database, error) {
	if err := cfg.requireDatabase(); err != nil {
		return nil, err
	}
	db := &database{url: cfg.Database.URL.Reveal(), replicationURL: cfg.Database.ReplicationURL.Reveal(), log: log}
	if db.replicationURL == "" {
		db.replicationURL = db.url
	}
	if cfg.Database.Local {
		if err := db.startLocal(ctx, cfg.Database.Directory); err != nil {
			return nil, postgresError(err, "database.directory")
		}
	}
	if err := db.connect(ctx); err != nil {
		db.close(ctx)
		return nil, &environmentError{err, "check " + envName("database.url") + " and whether Postgres runs there"}
	}
	return db, nil
}

// connect makes the pool and one connection, so that a wrong address is told at once.
func (db *database) connect(ctx context.Context) error {
	cfg, err := pgxpool.ParseConfig(db.url)
	if err != nil {
		return fmt.Errorf("connect to the database: %w", err)
	}
	// By default a pool has a connection per processor, and one for each of our flows
	// and sources would wait for another. pool_max_conns in the address wins.
	if !strings.Contains(db.url, "pool_max_conns") {
		cfg.MaxConns = maxConnections
	}
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return fmt.Errorf("connect to the database: %w", err)
	}
	db.pool = pool
	ctx, cancel := context.WithTimeoutCause(ctx, connectTimeout, fmt.Errorf("the database did not answer within %s", connectTimeout))
	defer cancel()
	if err := pool.Ping(ctx); err != nil {
		return fmt.Errorf("connect to the database: %w", err)
	}
	return nil
}

// startLocal uses the private Postgres that another process of ours runs, or starts it.
func (db *database) startLocal(ctx context.Context, dir string) error {
	cluster, err := localpg.Open(dir)
	if err == nil && answers(ctx, cluster.URL(localDatabase)) {
		db.url, db.replicationURL = cluster.URL(localDatabase), cluster.ReplicationURL(localDatabase)
		return nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if cluster, err = localpg.Start(ctx, localpg.Options{Dir: dir, Logger: db.log}); err != nil {
		return err
	}
	db.cluster = cluster
	db.url, db.replicationURL = cluster.URL(localDatabase), cluster.ReplicationURL(localDatabase)
	return createDatabase(ctx, cluster.URL("postgres"))
}

func answers(ctx context.Context, url string) bool {
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return false
	}
	return conn.Close(ctx) == nil
}

// createDatabase makes our database in a cluster that is new.
func createDatabase(ctx context.Context, url string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return fmt.Errorf("create database %s: %w", localDatabase, err)
	}
	defer conn.Close(context.WithoutCancel(ctx)) //nolint:errcheck // nothing is under way
	_, err = conn.Exec(ctx, "CREATE DATABASE "+localDatabase)
	var pgErr *pgconn.PgError
	if errors.As(err, &pgErr) && pgErr.Code == "42P04" { // it is there
		return nil
	}
	if err != nil {
		return fmt.Errorf("create database %s: %w", localDatabase, err)
	}
	return nil
}

// close gives the connections back and stops the private Postgres that we started.
// It works after ctx was cancelled.
func (db *database) close(ctx context.Context) {
	if db.pool != nil {
		db.pool.Close()
	}
	if db.cluster == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), connectTimeout)
	defer cancel()
	if err := db.cluster.Stop(ctx); err != nil {
		db.log.WarnContext(ctx, "private postgres did not stop in order", slog.Any("err", err))
	}
}

// prepare sees to it that the database has the schema of this program. The private
// one is migrated by itself, as nobody else looks after it.
func (db *database) prepare(ctx context.Context, cfg *loadedConfig) error {
	if !cfg.Database.Local {
		return db.requireMigrated(ctx)
	}
	_, err := db.migrate(ctx)
	return err
}

// withDatabase loads the configuration and runs work with the open database.
func (a *app) withDatabase(ctx context.Context, work func(ctx context.Context, cfg *loadedConfig, db *database) error) error {
	cfg, err := a.config()
	if err != nil {
		return err
	}
	db, err := openDatabase(ctx, cfg, a.logger)
	if err != nil {
		return err
	}
	defer db.close(ctx)
	if err := db.prepare(ctx, cfg); err != nil {
		return err
	}
	return work(ctx, cfg, db)
}
