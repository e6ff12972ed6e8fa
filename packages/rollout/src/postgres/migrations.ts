/**
 * What leads from each version of the tables to the next, in order; version 1 is the first. Only ever append: a
 * migration that was published has been applied somewhere. `SCHEMA` stands for the schema's name.
 */
export const migrations: readonly string[] = [
  `
  CREATE TABLE SCHEMA.transitions (
    experiment text NOT NULL CHECK (experiment ~ '^[A-Za-z0-9_.-]{1,128}$'),
    revision bigint NOT NULL CHECK (revision >= 1),
    -- json, and not jsonb: what was stored is read back letter for letter.
    event json NOT NULL,
    -- The token of the leader's lease; null of an order by hand.
    fence bigint,
    stored_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (experiment, revision)
  );

  CREATE TABLE SCHEMA.looks (
    experiment text NOT NULL CHECK (experiment ~ '^[A-Za-z0-9_.-]{1,128}$'),
    phase bigint NOT NULL CHECK (phase >= 1),
    -- How many looks there were before: of two that were taken at once, one is recorded.
    after bigint NOT NULL CHECK (after >= 0),
    looks bigint NOT NULL CHECK (looks > after),
    ledger json NOT NULL,
    fence bigint,
    stored_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (experiment, phase, after)
  );

  CREATE TABLE SCHEMA.leases (
    name text PRIMARY KEY,
    token bigint NOT NULL CHECK (token >= 1),
    holder text NOT NULL,
    expires_at timestamptz NOT NULL
  );

  CREATE FUNCTION SCHEMA.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    RAISE EXCEPTION 'rows of % are appended and never changed', TG_TABLE_NAME USING ERRCODE = '55000';
  END $$;
  CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON SCHEMA.transitions
    FOR EACH STATEMENT EXECUTE FUNCTION SCHEMA.refuse_change();
  CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON SCHEMA.looks
    FOR EACH STATEMENT EXECUTE FUNCTION SCHEMA.refuse_change();
  -- Without its row a lease would begin at 1 again, and the fence let everybody through.
  CREATE TRIGGER tokens_only_grow BEFORE DELETE OR TRUNCATE ON SCHEMA.leases
    FOR EACH STATEMENT EXECUTE FUNCTION SCHEMA.refuse_change();

  CREATE FUNCTION SCHEMA.tell_change() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    PERFORM pg_notify('SCHEMA_changed', NEW.experiment);
    RETURN NULL;
  END $$;
  CREATE TRIGGER tell_change AFTER INSERT ON SCHEMA.transitions
    FOR EACH ROW EXECUTE FUNCTION SCHEMA.tell_change();
  `,
  `
  CREATE TABLE SCHEMA.trail (
    sequence bigint PRIMARY KEY CHECK (sequence >= 1),
    -- Letter for letter: a hash is over it.
    line text NOT NULL,
    stored_at timestamptz NOT NULL DEFAULT clock_timestamp()
  );
  CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON SCHEMA.trail
    FOR EACH STATEMENT EXECUTE FUNCTION SCHEMA.refuse_change();
  `,
]
