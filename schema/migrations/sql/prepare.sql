-- Purpose: make the place where applied migrations are remembered. Caller: Apply, under its lock.
-- It cannot be a migration itself: it must be there before the first.
CREATE SCHEMA IF NOT EXISTS ops;
CREATE TABLE IF NOT EXISTS ops.migration (
    version    integer PRIMARY KEY,
    name       text NOT NULL,
    checksum   text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE ops.migration IS 'Migrations applied to this database';
COMMENT ON COLUMN ops.migration.version IS 'Number of the file; 0 stands for the views, which are made anew';
COMMENT ON COLUMN ops.migration.name IS 'File name without .sql';
COMMENT ON COLUMN ops.migration.checksum IS 'SHA-256 of the file as it was applied; an applied file is never edited';
COMMENT ON COLUMN ops.migration.applied_at IS 'When it was applied';
