package schematest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"sverka/schema/migrations"
)

// admin runs f on a connection of its own to the cluster's maintenance database. No
// pool is kept: its goroutines would be leaks to the tests that look for them.
func (s *shared) admin(ctx context.Context, f func(*pgx.Conn) error) error {
	conn, err := pgx.Connect(ctx, s.cluster.URL("postgres"))
	if err != nil {
		return fmt.Errorf("connect to the shared cluster: %w", err)
	}
	return errors.Join(f(conn), conn.Close(context.WithoutCancel(ctx)))
}

// ensureTemplate migrates the template of this binary's schema unless it is there. The
// caller holds the join lock. It appears whole, under its name, or not at all.
func (s *shared) ensureTemplate(ctx context.Context) (string, error) {
	sum, err := migrations.Checksum(migrations.Options{})
	if err != nil {
		return "", err
	}
	name := "template_" + sum[:16]
	return name, s.admin(ctx, func(conn *pgx.Conn) error {
		var there bool
		if err := conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", name).Scan(&there); err != nil || there {
			return err
		}
		fresh := "test_template_" + strings.ToLower(rand.Text()[:12])
		if _, err := conn.Exec(ctx, "CREATE DATABASE "+fresh+" TEMPLATE template0"); err != nil {
			return fmt.Errorf("create the template: %w", err)
		}
		if err := s.migrate(ctx, fresh); err != nil {
			_, dropErr := conn.Exec(ctx, "DROP DATABASE "+fresh+" WITH (FORCE)")
			return errors.Join(err, dropErr)
		}
		_, err := conn.Exec(ctx, "ALTER DATABASE "+fresh+" RENAME TO "+name)
		return err
	})
}

func (s *shared) migrate(ctx context.Context, db string) error {
	conn, err := pgx.Connect(ctx, s.cluster.URL(db))
	if err != nil {
		return err
	}
	_, err = migrations.Apply(ctx, conn, migrations.Options{})
	return errors.Join(err, conn.Close(context.WithoutCancel(ctx)))
}

// sweep removes what dead processes left in a cluster that has just started: nobody else is in it yet.
func (s *shared) sweep(ctx context.Context) error {
	return s.admin(ctx, func(conn *pgx.Conn) error {
		if _, err := conn.Exec(ctx, "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots"); err != nil {
			return fmt.Errorf("drop old replication slots: %w", err)
		}
		rows, err := conn.Query(ctx, `SELECT datname FROM pg_database WHERE datname LIKE 'test\_%'`)
		if err != nil {
			return err
		}
		old, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			return err
		}
		for _, name := range old {
			if _, err := conn.Exec(ctx, "DROP DATABASE "+pgx.Identifier{name}.Sanitize()); err != nil {
				return fmt.Errorf("drop old database %s: %w", name, err)
			}
		}
		return nil
	})
}

// create copies a template into a new database.
func (s *shared) create(ctx context.Context, name, template string) error {
	return s.admin(ctx, func(conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, "CREATE DATABASE "+pgx.Identifier{name}.Sanitize()+" TEMPLATE "+pgx.Identifier{template}.Sanitize()+" STRATEGY file_copy")
		if err != nil {
			return fmt.Errorf("create database %s: %w", name, err)
		}
		return nil
	})
}

// drop removes a database with its replication slots, whoever is still connected.
func (s *shared) drop(ctx context.Context, name string) error {
	return s.admin(ctx, func(conn *pgx.Conn) error {
		var slotErr error
		err := waitFor(ctx, func() bool {
			_, slotErr = conn.Exec(ctx, "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE database = $1 AND active", name)
			if slotErr == nil {
				_, slotErr = conn.Exec(ctx, "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = $1", name)
			}
			return slotErr == nil // a slot may still be active for a moment
		})
		if err != nil {
			return fmt.Errorf("drop the replication slots of %s: %w", name, errors.Join(err, slotErr))
		}
		if _, err := conn.Exec(ctx, "DROP DATABASE IF EXISTS "+pgx.Identifier{name}.Sanitize()+" WITH (FORCE)"); err != nil {
			return fmt.Errorf("drop database %s: %w", name, err)
		}
		return nil
	})
}
