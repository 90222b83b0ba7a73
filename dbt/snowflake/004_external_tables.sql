-- The lake's tables, by ingestion time. AUTO_REFRESH = FALSE: segue warehouse refresh lists the lake anew, the pipeline calls it.
-- While small files are merged a row may be in two files for an hour; dbt takes each (topic, partition, offset) once.

CREATE EXTERNAL TABLE IF NOT EXISTS ${database}.BRONZE.RAW_PLAYS (
  event_id VARCHAR AS (VALUE:"event_id"::VARCHAR),
  user_id VARCHAR AS (VALUE:"user_id"::VARCHAR),
  track_id VARCHAR AS (VALUE:"track_id"::VARCHAR),
  track_name VARCHAR AS (VALUE:"track_name"::VARCHAR),
  artist_id VARCHAR AS (VALUE:"artist_id"::VARCHAR),
  artist_name VARCHAR AS (VALUE:"artist_name"::VARCHAR),
  album_name VARCHAR AS (VALUE:"album_name"::VARCHAR),
  occurred_at TIMESTAMP_NTZ AS (VALUE:"occurred_at"::TIMESTAMP_NTZ),
  duration_ms BIGINT AS (VALUE:"duration_ms"::BIGINT),
  ms_played BIGINT AS (VALUE:"ms_played"::BIGINT),
  device_type VARCHAR AS (VALUE:"device_type"::VARCHAR),
  country VARCHAR AS (VALUE:"country"::VARCHAR),
  source VARCHAR AS (VALUE:"source"::VARCHAR),
  played_at TIMESTAMP_NTZ AS (VALUE:"occurred_at"::TIMESTAMP_NTZ),
  topic VARCHAR AS (VALUE:"topic"::VARCHAR),
  topic_partition INTEGER AS (VALUE:"partition"::INTEGER),
  topic_offset BIGINT AS (VALUE:"offset"::BIGINT),
  record_time TIMESTAMP_NTZ AS (VALUE:"record_time"::TIMESTAMP_NTZ),
  schema_id INTEGER AS (VALUE:"schema_id"::INTEGER),
  ingested_on DATE AS (TO_DATE(REGEXP_SUBSTR(METADATA$FILENAME, 'year=([0-9]+)', 1, 1, 'e') || '-'
    || REGEXP_SUBSTR(METADATA$FILENAME, 'month=([0-9]+)', 1, 1, 'e') || '-' || REGEXP_SUBSTR(METADATA$FILENAME, 'day=([0-9]+)', 1, 1, 'e')))
)
PARTITION BY (ingested_on)
LOCATION = @${database}.BRONZE.LAKE/spotify_plays/
FILE_FORMAT = ${database}.BRONZE.PARQUET AUTO_REFRESH = FALSE REFRESH_ON_CREATE = TRUE;

GRANT OWNERSHIP ON EXTERNAL TABLE ${database}.BRONZE.RAW_PLAYS TO ROLE SEGUE_LOADER COPY CURRENT GRANTS;

CREATE EXTERNAL TABLE IF NOT EXISTS ${database}.BRONZE.RAW_SKIPS (
  event_id VARCHAR AS (VALUE:"event_id"::VARCHAR),
  user_id VARCHAR AS (VALUE:"user_id"::VARCHAR),
  track_id VARCHAR AS (VALUE:"track_id"::VARCHAR),
  track_name VARCHAR AS (VALUE:"track_name"::VARCHAR),
  artist_id VARCHAR AS (VALUE:"artist_id"::VARCHAR),
  artist_name VARCHAR AS (VALUE:"artist_name"::VARCHAR),
  album_name VARCHAR AS (VALUE:"album_name"::VARCHAR),
  occurred_at TIMESTAMP_NTZ AS (VALUE:"occurred_at"::TIMESTAMP_NTZ),
  duration_ms BIGINT AS (VALUE:"duration_ms"::BIGINT),
  ms_played BIGINT AS (VALUE:"ms_played"::BIGINT),
  device_type VARCHAR AS (VALUE:"device_type"::VARCHAR),
  country VARCHAR AS (VALUE:"country"::VARCHAR),
  source VARCHAR AS (VALUE:"source"::VARCHAR),
  topic VARCHAR AS (VALUE:"topic"::VARCHAR),
  topic_partition INTEGER AS (VALUE:"partition"::INTEGER),
  topic_offset BIGINT AS (VALUE:"offset"::BIGINT),
  record_time TIMESTAMP_NTZ AS (VALUE:"record_time"::TIMESTAMP_NTZ),
  schema_id INTEGER AS (VALUE:"schema_id"::INTEGER),
  ingested_on DATE AS (TO_DATE(REGEXP_SUBSTR(METADATA$FILENAME, 'year=([0-9]+)', 1, 1, 'e') || '-'
    || REGEXP_SUBSTR(METADATA$FILENAME, 'month=([0-9]+)', 1, 1, 'e') || '-' || REGEXP_SUBSTR(METADATA$FILENAME, 'day=([0-9]+)', 1, 1, 'e')))
)
PARTITION BY (ingested_on)
LOCATION = @${database}.BRONZE.LAKE/spotify_skips/
FILE_FORMAT = ${database}.BRONZE.PARQUET AUTO_REFRESH = FALSE REFRESH_ON_CREATE = TRUE;

GRANT OWNERSHIP ON EXTERNAL TABLE ${database}.BRONZE.RAW_SKIPS TO ROLE SEGUE_LOADER COPY CURRENT GRANTS;

CREATE EXTERNAL TABLE IF NOT EXISTS ${database}.BRONZE.RAW_LIKES (
  event_id VARCHAR AS (VALUE:"event_id"::VARCHAR),
  user_id VARCHAR AS (VALUE:"user_id"::VARCHAR),
  track_id VARCHAR AS (VALUE:"track_id"::VARCHAR),
  track_name VARCHAR AS (VALUE:"track_name"::VARCHAR),
  artist_id VARCHAR AS (VALUE:"artist_id"::VARCHAR),
  artist_name VARCHAR AS (VALUE:"artist_name"::VARCHAR),
  album_name VARCHAR AS (VALUE:"album_name"::VARCHAR),
  occurred_at TIMESTAMP_NTZ AS (VALUE:"occurred_at"::TIMESTAMP_NTZ),
  duration_ms BIGINT AS (VALUE:"duration_ms"::BIGINT),
  ms_played BIGINT AS (VALUE:"ms_played"::BIGINT),
  device_type VARCHAR AS (VALUE:"device_type"::VARCHAR),
  country VARCHAR AS (VALUE:"country"::VARCHAR),
  source VARCHAR AS (VALUE:"source"::VARCHAR),
  liked BOOLEAN AS (VALUE:"liked"::BOOLEAN),
  topic VARCHAR AS (VALUE:"topic"::VARCHAR),
  topic_partition INTEGER AS (VALUE:"partition"::INTEGER),
  topic_offset BIGINT AS (VALUE:"offset"::BIGINT),
  record_time TIMESTAMP_NTZ AS (VALUE:"record_time"::TIMESTAMP_NTZ),
  schema_id INTEGER AS (VALUE:"schema_id"::INTEGER),
  ingested_on DATE AS (TO_DATE(REGEXP_SUBSTR(METADATA$FILENAME, 'year=([0-9]+)', 1, 1, 'e') || '-'
    || REGEXP_SUBSTR(METADATA$FILENAME, 'month=([0-9]+)', 1, 1, 'e') || '-' || REGEXP_SUBSTR(METADATA$FILENAME, 'day=([0-9]+)', 1, 1, 'e')))
)
PARTITION BY (ingested_on)
LOCATION = @${database}.BRONZE.LAKE/spotify_likes/
FILE_FORMAT = ${database}.BRONZE.PARQUET AUTO_REFRESH = FALSE REFRESH_ON_CREATE = TRUE;

GRANT OWNERSHIP ON EXTERNAL TABLE ${database}.BRONZE.RAW_LIKES TO ROLE SEGUE_LOADER COPY CURRENT GRANTS;

CREATE EXTERNAL TABLE IF NOT EXISTS ${database}.BRONZE.RAW_EVENTS (
  event_id VARCHAR AS (VALUE:"event_id"::VARCHAR),
  user_id VARCHAR AS (VALUE:"user_id"::VARCHAR),
  track_id VARCHAR AS (VALUE:"track_id"::VARCHAR),
  track_name VARCHAR AS (VALUE:"track_name"::VARCHAR),
  artist_id VARCHAR AS (VALUE:"artist_id"::VARCHAR),
  artist_name VARCHAR AS (VALUE:"artist_name"::VARCHAR),
  album_name VARCHAR AS (VALUE:"album_name"::VARCHAR),
  occurred_at TIMESTAMP_NTZ AS (VALUE:"occurred_at"::TIMESTAMP_NTZ),
  duration_ms BIGINT AS (VALUE:"duration_ms"::BIGINT),
  ms_played BIGINT AS (VALUE:"ms_played"::BIGINT),
  device_type VARCHAR AS (VALUE:"device_type"::VARCHAR),
  country VARCHAR AS (VALUE:"country"::VARCHAR),
  source VARCHAR AS (VALUE:"source"::VARCHAR),
  event_type VARCHAR AS (VALUE:"event_type"::VARCHAR),
  topic VARCHAR AS (VALUE:"topic"::VARCHAR),
  topic_partition INTEGER AS (VALUE:"partition"::INTEGER),
  topic_offset BIGINT AS (VALUE:"offset"::BIGINT),
  record_time TIMESTAMP_NTZ AS (VALUE:"record_time"::TIMESTAMP_NTZ),
  schema_id INTEGER AS (VALUE:"schema_id"::INTEGER),
  ingested_on DATE AS (TO_DATE(REGEXP_SUBSTR(METADATA$FILENAME, 'year=([0-9]+)', 1, 1, 'e') || '-'
    || REGEXP_SUBSTR(METADATA$FILENAME, 'month=([0-9]+)', 1, 1, 'e') || '-' || REGEXP_SUBSTR(METADATA$FILENAME, 'day=([0-9]+)', 1, 1, 'e')))
)
PARTITION BY (ingested_on)
LOCATION = @${database}.BRONZE.LAKE/spotify_events/
FILE_FORMAT = ${database}.BRONZE.PARQUET AUTO_REFRESH = FALSE REFRESH_ON_CREATE = TRUE;

GRANT OWNERSHIP ON EXTERNAL TABLE ${database}.BRONZE.RAW_EVENTS TO ROLE SEGUE_LOADER COPY CURRENT GRANTS;

CREATE EXTERNAL TABLE IF NOT EXISTS ${database}.BRONZE.RAW_UNDECODABLE (
  key BINARY AS (VALUE:"key"::BINARY),
  value BINARY AS (VALUE:"value"::BINARY),
  reason VARCHAR AS (VALUE:"reason"::VARCHAR),
  topic VARCHAR AS (VALUE:"topic"::VARCHAR),
  topic_partition INTEGER AS (VALUE:"partition"::INTEGER),
  topic_offset BIGINT AS (VALUE:"offset"::BIGINT),
  record_time TIMESTAMP_NTZ AS (VALUE:"record_time"::TIMESTAMP_NTZ),
  schema_id INTEGER AS (VALUE:"schema_id"::INTEGER),
  ingested_on DATE AS (TO_DATE(REGEXP_SUBSTR(METADATA$FILENAME, 'year=([0-9]+)', 1, 1, 'e') || '-'
    || REGEXP_SUBSTR(METADATA$FILENAME, 'month=([0-9]+)', 1, 1, 'e') || '-' || REGEXP_SUBSTR(METADATA$FILENAME, 'day=([0-9]+)', 1, 1, 'e')))
)
PARTITION BY (ingested_on)
LOCATION = @${database}.BRONZE.LAKE/undecodable/
FILE_FORMAT = ${database}.BRONZE.PARQUET AUTO_REFRESH = FALSE REFRESH_ON_CREATE = TRUE;

GRANT OWNERSHIP ON EXTERNAL TABLE ${database}.BRONZE.RAW_UNDECODABLE TO ROLE SEGUE_LOADER COPY CURRENT GRANTS;
