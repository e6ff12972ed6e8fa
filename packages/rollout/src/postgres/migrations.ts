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
  `
  -- Where the events end. Whoever appends has this row until its commit, so that positions come to be seen in their order.
  CREATE TABLE SCHEMA.events_end (
    id boolean PRIMARY KEY DEFAULT true CHECK (id),
    position bigint NOT NULL CHECK (position >= 0)
  );
  INSERT INTO SCHEMA.events_end (position) VALUES (0);
  -- Without its row nothing could be appended, and from 1 again it would be passed over by who has read further.
  CREATE TRIGGER positions_only_grow BEFORE DELETE OR TRUNCATE ON SCHEMA.events_end
    FOR EACH STATEMENT EXECUTE FUNCTION SCHEMA.refuse_change();

  CREATE TABLE SCHEMA.events (
    position bigint PRIMARY KEY CHECK (position >= 1),
    -- NDJSON: as many events as came together.
    lines text NOT NULL,
    bytes integer NOT NULL CHECK (bytes >= 1),
    count integer NOT NULL CHECK (count >= 1),
    received_at timestamptz NOT NULL DEFAULT clock_timestamp()
  );
  -- They may be deleted: what is kept for how long is for others to say.
  CREATE TRIGGER never_changed BEFORE UPDATE ON SCHEMA.events
    FOR EACH STATEMENT EXECUTE FUNCTION SCHEMA.refuse_change();
  `,
  `
  CREATE TABLE SCHEMA.history (
    experiment text NOT NULL CHECK (experiment ~ '^[A-Za-z0-9_.-]{1,128}$'),
    -- Epoch milliseconds, by the clock of whoever looked.
    at bigint NOT NULL,
    point json NOT NULL,
    PRIMARY KEY (experiment, at)
  );
  `,
  `
  -- Where the events begin: what stands before has been dropped, whether or not it is deleted yet.
  CREATE TABLE SCHEMA.events_begin (
    id boolean PRIMARY KEY DEFAULT true CHECK (id),
    position bigint NOT NULL CHECK (position >= 0)
  );
  INSERT INTO SCHEMA.events_begin (position) VALUES (0);
  CREATE TRIGGER positions_only_grow BEFORE DELETE OR TRUNCATE ON SCHEMA.events_begin
    FOR EACH STATEMENT EXECUTE FUNCTION SCHEMA.refuse_change();

  -- What of each producer was dropped: its numbers up to this one are not lost.
  CREATE TABLE SCHEMA.events_removed (
    -- As JSON: an id may hold what text cannot.
    producer text PRIMARY KEY,
    up_to bigint NOT NULL CHECK (up_to >= 1)
  );
  `,
]
