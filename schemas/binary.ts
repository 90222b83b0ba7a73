// Generated from schemas/avro: edit those files, then run `npm run schemas:accept`.
import type { AvroReader, AvroWriter } from './avro-io.js'
import type * as events from './events.js'

export function writeAffineArtist(out: AvroWriter, value: events.AffineArtist): void {
  out.string(value.artist_id)
  out.double(value.a)
  out.double(value.affinity)
  out.int(value.plays)
}

export function readAffineArtist(input: AvroReader): events.AffineArtist {
  return {
    artist_id: input.string(),
    a: input.double(),
    affinity: input.double(),
    plays: input.int()
  }
}

function readAffineArtistArray(input: AvroReader): events.AffineArtist[] {
  const items: events.AffineArtist[] = []
  let at = 0
  for (let left = input.block(); left > 0; left = input.block()) {
    items.length += left
    for (; left > 0; left--) items[at++] = readAffineArtist(input)
  }
  return items
}

export function writeArtistAffinity(out: AvroWriter, value: events.ArtistAffinity): void {
  out.string(value.user_id)
  out.long(value.as_of)
  if (value.country === null) out.index(0)
  else {
    out.index(1)
    out.string(value.country)
  }
  if (out.array(value.artists)) {
    for (const item of value.artists) writeAffineArtist(out, item)
    out.end()
  }
}

export function readArtistAffinity(input: AvroReader): events.ArtistAffinity {
  return {
    user_id: input.string(),
    as_of: input.long(),
    country: input.index(2) === 0 ? null : input.string(),
    artists: readAffineArtistArray(input)
  }
}

export function writeTopTrack(out: AvroWriter, value: events.TopTrack): void {
  out.string(value.track_id)
  out.int(value.plays)
}

export function readTopTrack(input: AvroReader): events.TopTrack {
  return {
    track_id: input.string(),
    plays: input.int()
  }
}

function readTopTrackArray(input: AvroReader): events.TopTrack[] {
  const items: events.TopTrack[] = []
  let at = 0
  for (let left = input.block(); left > 0; left = input.block()) {
    items.length += left
    for (; left > 0; left--) items[at++] = readTopTrack(input)
  }
  return items
}

export function writeArtistDetails(out: AvroWriter, value: events.ArtistDetails): void {
  out.string(value.artist_id)
  out.string(value.artist_name)
  out.int(value.plays)
  if (out.array(value.top_tracks)) {
    for (const item of value.top_tracks) writeTopTrack(out, item)
    out.end()
  }
}

export function readArtistDetails(input: AvroReader): events.ArtistDetails {
  return {
    artist_id: input.string(),
    artist_name: input.string(),
    plays: input.int(),
    top_tracks: readTopTrackArray(input)
  }
}

export function writeArtistListener(out: AvroWriter, value: events.ArtistListener): void {
  out.string(value.artist_id)
  out.string(value.user_id)
  out.int(value.step)
}

export function readArtistListener(input: AvroReader): events.ArtistListener {
  return {
    artist_id: input.string(),
    user_id: input.string(),
    step: input.int()
  }
}

function readStringArray(input: AvroReader): string[] {
  const items: string[] = []
  let at = 0
  for (let left = input.block(); left > 0; left = input.block()) {
    items.length += left
    for (; left > 0; left--) items[at++] = input.string()
  }
  return items
}

export function writeArtistPlays(out: AvroWriter, value: events.ArtistPlays): void {
  out.int(value.artist)
  out.int(value.name)
  out.int(value.track)
  out.long(value.minute)
  out.int(value.country)
  out.int(value.count)
  out.long(value.latest)
  out.int(value.others)
}

export function readArtistPlays(input: AvroReader): events.ArtistPlays {
  return {
    artist: input.int(),
    name: input.int(),
    track: input.int(),
    minute: input.long(),
    country: input.int(),
    count: input.int(),
    latest: input.long(),
    others: input.int()
  }
}

function readArtistPlaysArray(input: AvroReader): events.ArtistPlays[] {
  const items: events.ArtistPlays[] = []
  let at = 0
  for (let left = input.block(); left > 0; left = input.block()) {
    items.length += left
    for (; left > 0; left--) items[at++] = readArtistPlays(input)
  }
  return items
}

export function writeArtistChartCorrection(out: AvroWriter, value: events.ArtistChartCorrection): void {
  out.int(value.artist)
  out.int(value.country)
  out.int(value.count)
}

export function readArtistChartCorrection(input: AvroReader): events.ArtistChartCorrection {
  return {
    artist: input.int(),
    country: input.int(),
    count: input.int()
  }
}

function readArtistChartCorrectionArray(input: AvroReader): events.ArtistChartCorrection[] {
  const items: events.ArtistChartCorrection[] = []
  let at = 0
  for (let left = input.block(); left > 0; left = input.block()) {
    items.length += left
    for (; left > 0; left--) items[at++] = readArtistChartCorrection(input)
  }
  return items
}

export function writeArtistUpdates(out: AvroWriter, value: events.ArtistUpdates): void {
  if (out.array(value.dictionary)) {
    for (const item of value.dictionary) out.string(item)
    out.end()
  }
  if (out.array(value.plays)) {
    for (const item of value.plays) writeArtistPlays(out, item)
    out.end()
  }
  if (out.array(value.chart_corrections)) {
    for (const item of value.chart_corrections) writeArtistChartCorrection(out, item)
    out.end()
  }
}

export function readArtistUpdates(input: AvroReader): events.ArtistUpdates {
  return {
    dictionary: readStringArray(input),
    plays: readArtistPlaysArray(input),
    chart_corrections: readArtistChartCorrectionArray(input)
  }
}

export const chartKindSymbols: readonly events.ChartKind[] = ['tracks', 'artists', 'listeners']

export const chartWindowSymbols: readonly events.ChartWindow[] = ['hour', 'day', 'week', 'all']

export function writeChartEntry(out: AvroWriter, value: events.ChartEntry): void {
  out.string(value.id)
  out.int(value.plays)
}

export function readChartEntry(input: AvroReader): events.ChartEntry {
  return {
    id: input.string(),
    plays: input.int()
  }
}

function readChartEntryArray(input: AvroReader): events.ChartEntry[] {
  const items: events.ChartEntry[] = []
  let at = 0
  for (let left = input.block(); left > 0; left = input.block()) {
    items.length += left
    for (; left > 0; left--) items[at++] = readChartEntry(input)
  }
  return items
}

export function writeEarlierChartEntry(out: AvroWriter, value: events.EarlierChartEntry): void {
  out.string(value.id)
  out.int(value.plays)
}

export function readEarlierChartEntry(input: AvroReader): events.EarlierChartEntry {
  return {
    id: input.string(),
    plays: input.int()
  }
}

function readEarlierChartEntryArray(input: AvroReader): events.EarlierChartEntry[] {
  const items: events.EarlierChartEntry[] = []
  let at = 0
  for (let left = input.block(); left > 0; left = input.block()) {
    items.length += left
    for (; left > 0; left--) items[at++] = readEarlierChartEntry(input)
  }
  return items
}

export function writeChart(out: AvroWriter, value: events.Chart): void {
  out.index(chartKindSymbols.indexOf(value.kind))
  out.index(chartWindowSymbols.indexOf(value.window))
  if (value.country === null) out.index(0)
  else {
    out.index(1)
    out.string(value.country)
  }
  out.int(value.shard)
  out.long(value.window_end)
  if (out.array(value.entries)) {
    for (const item of value.entries) writeChartEntry(out, item)
    out.end()
  }
  if (out.array(value.before)) {
    for (const item of value.before) writeEarlierChartEntry(out, item)
    out.end()
  }
}

export function readChart(input: AvroReader): events.Chart {
  return {
    kind: chartKindSymbols[input.index(chartKindSymbols.length)]!,
    window: chartWindowSymbols[input.index(chartWindowSymbols.length)]!,
    country: input.index(2) === 0 ? null : input.string(),
    shard: input.int(),
    window_end: input.long(),
    entries: readChartEntryArray(input),
    before: readEarlierChartEntryArray(input)
  }
}

export const rejectionCodeSymbols: readonly events.RejectionCode[] = [
  'UNDECODABLE',
  'MISSING_FIELD',
  'BAD_ID',
  'BAD_TIME',
  'BAD_DURATION',
  'BAD_TYPE',
  'PROCESSING_FAILED'
]

export function writeDeadLetter(out: AvroWriter, value: events.DeadLetter): void {
  out.index(rejectionCodeSymbols.indexOf(value.code))
  out.string(value.reason)
  out.string(value.topic)
  out.int(value.partition)
  out.long(value.offset)
  out.long(value.record_time)
  if (value.key === null) out.index(0)
  else {
    out.index(1)
    out.bytes(value.key)
  }
  if (value.value === null) out.index(0)
  else {
    out.index(1)
    out.bytes(value.value)
  }
  out.string(value.processor)
}

export function readDeadLetter(input: AvroReader): events.DeadLetter {
  return {
    code: rejectionCodeSymbols[input.index(rejectionCodeSymbols.length)]!,
    reason: input.string(),
    topic: input.string(),
    partition: input.int(),
    offset: input.long(),
    record_time: input.long(),
    key: input.index(2) === 0 ? null : input.bytes(),
    value: input.index(2) === 0 ? null : input.bytes(),
    processor: input.string()
  }
}

export function writeErasure(out: AvroWriter, value: events.Erasure): void {
  out.string(value.user_id)
  out.long(value.requested_at)
  if (out.array(value.days)) {
    for (const item of value.days) out.string(item)
    out.end()
  }
}

export function readErasure(input: AvroReader): events.Erasure {
  return {
    user_id: input.string(),
    requested_at: input.long(),
    days: readStringArray(input)
  }
}

export function writeExperimentCounts(out: AvroWriter, value: events.ExperimentCounts): void {
  if (value.experiment === null) out.index(0)
  else {
    out.index(1)
    out.string(value.experiment)
  }
  out.string(value.strategy)
  out.int(value.shard)
  out.long(value.lists)
  out.long(value.tracks)
  out.long(value.played)
  out.long(value.skipped)
  out.long(value.liked)
}

export function readExperimentCounts(input: AvroReader): events.ExperimentCounts {
  return {
    experiment: input.index(2) === 0 ? null : input.string(),
    strategy: input.string(),
    shard: input.int(),
    lists: input.long(),
    tracks: input.long(),
    played: input.long(),
    skipped: input.long(),
    liked: input.long()
  }
}

export function writeExposure(out: AvroWriter, value: events.Exposure): void {
  out.string(value.recommendation_id)
  out.string(value.user_id)
  out.long(value.made_at)
  out.string(value.strategy)
  if (value.experiment === null) out.index(0)
  else {
    out.index(1)
    out.string(value.experiment)
  }
  if (value.track_id === null) out.index(0)
  else {
    out.index(1)
    out.string(value.track_id)
  }
  if (out.array(value.tracks)) {
    for (const item of value.tracks) out.string(item)
    out.end()
  }
  if (value.fallback === null) out.index(0)
  else {
    out.index(1)
    out.string(value.fallback)
  }
}

export function readExposure(input: AvroReader): events.Exposure {
  return {
    recommendation_id: input.string(),
    user_id: input.string(),
    made_at: input.long(),
    strategy: input.string(),
    experiment: input.index(2) === 0 ? null : input.string(),
    track_id: input.index(2) === 0 ? null : input.string(),
    tracks: readStringArray(input),
    fallback: input.index(2) === 0 ? null : input.string()
  }
}

export const feedbackActionSymbols: readonly events.FeedbackAction[] = ['unknown', 'played', 'skipped', 'liked', 'erased']

export function writeFeedback(out: AvroWriter, value: events.Feedback): void {
  out.string(value.recommendation_id)
  out.string(value.user_id)
  out.string(value.track_id)
  out.index(feedbackActionSymbols.indexOf(value.action))
  out.long(value.given_at)
}

export function readFeedback(input: AvroReader): events.Feedback {
  return {
    recommendation_id: input.string(),
    user_id: input.string(),
    track_id: input.string(),
    action: feedbackActionSymbols[input.index(feedbackActionSymbols.length)]!,
    given_at: input.long()
  }
}

export function writeInstance(out: AvroWriter, value: events.Instance): void {
  out.string(value.instance_id)
  out.string(value.url)
  out.long(value.started_at)
}

export function readInstance(input: AvroReader): events.Instance {
  return {
    instance_id: input.string(),
    url: input.string(),
    started_at: input.long()
  }
}

function readLongArray(input: AvroReader): number[] {
  const items: number[] = []
  let at = 0
  for (let left = input.block(); left > 0; left = input.block()) {
    items.length += left
    for (; left > 0; left--) items[at++] = input.long()
  }
  return items
}

export function writeLakePlan(out: AvroWriter, value: events.LakePlan): void {
  out.string(value.topic)
  out.int(value.partition)
  out.long(value.from)
  out.long(value.next)
  out.int(value.records)
  if (out.array(value.absent)) {
    for (const item of value.absent) out.long(item)
    out.end()
  }
}

export function readLakePlan(input: AvroReader): events.LakePlan {
  return {
    topic: input.string(),
    partition: input.int(),
    from: input.long(),
    next: input.long(),
    records: input.int(),
    absent: readLongArray(input)
  }
}

export function writeLike(out: AvroWriter, value: events.Like): void {
  out.string(value.event_id)
  out.string(value.user_id)
  out.string(value.track_id)
  out.string(value.track_name)
  if (value.artist_id === null) out.index(0)
  else {
    out.index(1)
    out.string(value.artist_id)
  }
  out.string(value.artist_name)
  if (value.album_name === null) out.index(0)
  else {
    out.index(1)
    out.string(value.album_name)
  }
  out.long(value.occurred_at)
  if (value.duration_ms === null) out.index(0)
  else {
    out.index(1)
    out.long(value.duration_ms)
  }
  if (value.ms_played === null) out.index(0)
  else {
    out.index(1)
    out.long(value.ms_played)
  }
  if (value.device_type === null) out.index(0)
  else {
    out.index(1)
    out.string(value.device_type)
  }
  if (value.country === null) out.index(0)
  else {
    out.index(1)
    out.string(value.country)
  }
  out.string(value.source)
  out.boolean(value.liked)
}

export function readLike(input: AvroReader): events.Like {
  return {
    event_id: input.string(),
    user_id: input.string(),
    track_id: input.string(),
    track_name: input.string(),
    artist_id: input.index(2) === 0 ? null : input.string(),
    artist_name: input.string(),
    album_name: input.index(2) === 0 ? null : input.string(),
    occurred_at: input.long(),
    duration_ms: input.index(2) === 0 ? null : input.long(),
    ms_played: input.index(2) === 0 ? null : input.long(),
    device_type: input.index(2) === 0 ? null : input.string(),
    country: input.index(2) === 0 ? null : input.string(),
    source: input.string(),
    liked: input.boolean()
  }
}

function readIntArray(input: AvroReader): number[] {
  const items: number[] = []
  let at = 0
  for (let left = input.block(); left > 0; left = input.block()) {
    items.length += left
    for (; left > 0; left--) items[at++] = input.int()
  }
  return items
}

export function writePlayedTrack(out: AvroWriter, value: events.PlayedTrack): void {
  out.string(value.track_id)
  out.int(value.plays)
  out.long(value.first_played_at)
}

export function readPlayedTrack(input: AvroReader): events.PlayedTrack {
  return {
    track_id: input.string(),
    plays: input.int(),
    first_played_at: input.long()
  }
}

function readPlayedTrackArray(input: AvroReader): events.PlayedTrack[] {
  const items: events.PlayedTrack[] = []
  let at = 0
  for (let left = input.block(); left > 0; left = input.block()) {
    items.length += left
    for (; left > 0; left--) items[at++] = readPlayedTrack(input)
  }
  return items
}

export function writePlayedArtist(out: AvroWriter, value: events.PlayedArtist): void {
  out.string(value.artist_id)
  out.int(value.plays)
  out.long(value.first_played_at)
}

export function readPlayedArtist(input: AvroReader): events.PlayedArtist {
  return {
    artist_id: input.string(),
    plays: input.int(),
    first_played_at: input.long()
  }
}

function readPlayedArtistArray(input: AvroReader): events.PlayedArtist[] {
  const items: events.PlayedArtist[] = []
  let at = 0
  for (let left = input.block(); left > 0; left = input.block()) {
    items.length += left
    for (; left > 0; left--) items[at++] = readPlayedArtist(input)
  }
  return items
}

export function writeListenerProfile(out: AvroWriter, value: events.ListenerProfile): void {
  out.string(value.user_id)
  out.int(value.plays)
  out.long(value.listening_ms)
  if (value.first_play_at === null) out.index(0)
  else {
    out.index(1)
    out.long(value.first_play_at)
  }
  if (out.array(value.clock)) {
    for (const item of value.clock) out.int(item)
    out.end()
  }
  out.int(value.sessions)
  out.long(value.session_ms)
  out.long(value.longest_session_ms)
  if (out.array(value.tracks)) {
    for (const item of value.tracks) writePlayedTrack(out, item)
    out.end()
  }
  if (out.array(value.artists)) {
    for (const item of value.artists) writePlayedArtist(out, item)
    out.end()
  }
}

export function readListenerProfile(input: AvroReader): events.ListenerProfile {
  return {
    user_id: input.string(),
    plays: input.int(),
    listening_ms: input.long(),
    first_play_at: input.index(2) === 0 ? null : input.long(),
    clock: readIntArray(input),
    sessions: input.int(),
    session_ms: input.long(),
    longest_session_ms: input.long(),
    tracks: readPlayedTrackArray(input),
    artists: readPlayedArtistArray(input)
  }
}

export const actionSymbols: readonly events.Action[] = ['count', 'retract']

export const listeningEventTypeSymbols: readonly events.ListeningEventType[] = ['play', 'skip', 'like', 'unlike', 'pause', 'other']

export const deviceTypeSymbols: readonly events.DeviceType[] = ['smartphone', 'computer', 'tablet', 'speaker', 'tv', 'car', 'web', 'other']

export function writeOrigin(out: AvroWriter, value: events.Origin): void {
  out.string(value.topic)
  out.int(value.partition)
  out.long(value.offset)
  out.long(value.record_time)
}

export function readOrigin(input: AvroReader): events.Origin {
  return {
    topic: input.string(),
    partition: input.int(),
    offset: input.long(),
    record_time: input.long()
  }
}

export function writeListeningEvent(out: AvroWriter, value: events.ListeningEvent): void {
  out.index(actionSymbols.indexOf(value.action))
  out.string(value.event_id)
  out.index(listeningEventTypeSymbols.indexOf(value.type))
  out.string(value.user_id)
  out.string(value.track_id)
  out.string(value.track_name)
  out.string(value.artist_id)
  out.string(value.artist_name)
  if (value.album_name === null) out.index(0)
  else {
    out.index(1)
    out.string(value.album_name)
  }
  out.long(value.occurred_at)
  if (value.duration_ms === null) out.index(0)
  else {
    out.index(1)
    out.long(value.duration_ms)
  }
  if (value.ms_played === null) out.index(0)
  else {
    out.index(1)
    out.long(value.ms_played)
  }
  out.index(deviceTypeSymbols.indexOf(value.device_type))
  if (value.country === null) out.index(0)
  else {
    out.index(1)
    out.string(value.country)
  }
  out.string(value.source)
  writeOrigin(out, value.origin)
}

export function readListeningEvent(input: AvroReader): events.ListeningEvent {
  return {
    action: actionSymbols[input.index(actionSymbols.length)]!,
    event_id: input.string(),
    type: listeningEventTypeSymbols[input.index(listeningEventTypeSymbols.length)]!,
    user_id: input.string(),
    track_id: input.string(),
    track_name: input.string(),
    artist_id: input.string(),
    artist_name: input.string(),
    album_name: input.index(2) === 0 ? null : input.string(),
    occurred_at: input.long(),
    duration_ms: input.index(2) === 0 ? null : input.long(),
    ms_played: input.index(2) === 0 ? null : input.long(),
    device_type: deviceTypeSymbols[input.index(deviceTypeSymbols.length)]!,
    country: input.index(2) === 0 ? null : input.string(),
    source: input.string(),
    origin: readOrigin(input)
  }
}

export function writeNowPlaying(out: AvroWriter, value: events.NowPlaying): void {
  out.string(value.user_id)
  out.string(value.track_id)
  out.string(value.track_name)
  out.string(value.artist_id)
  out.string(value.artist_name)
  out.long(value.since)
  if (value.duration_ms === null) out.index(0)
  else {
    out.index(1)
    out.long(value.duration_ms)
  }
  out.boolean(value.paused)
  if (value.country === null) out.index(0)
  else {
    out.index(1)
    out.string(value.country)
  }
}

export function readNowPlaying(input: AvroReader): events.NowPlaying {
  return {
    user_id: input.string(),
    track_id: input.string(),
    track_name: input.string(),
    artist_id: input.string(),
    artist_name: input.string(),
    since: input.long(),
    duration_ms: input.index(2) === 0 ? null : input.long(),
    paused: input.boolean(),
    country: input.index(2) === 0 ? null : input.string()
  }
}

function readLongMap(input: AvroReader): Record<string, number> {
  const items: Record<string, number> = {}
  for (let left = input.block(); left > 0; left = input.block()) {
    for (; left > 0; left--) items[input.string()] = input.long()
  }
  return items
}

export function writePipelineCounts(out: AvroWriter, value: events.PipelineCounts): void {
  out.int(value.shard)
  if (out.map(value.accepted)) {
    for (const [key, item] of Object.entries(value.accepted)) {
      out.string(key)
      out.long(item)
    }
    out.end()
  }
  if (out.map(value.rejected)) {
    for (const [key, item] of Object.entries(value.rejected)) {
      out.string(key)
      out.long(item)
    }
    out.end()
  }
  out.long(value.duplicates)
  out.long(value.sessions)
}

export function readPipelineCounts(input: AvroReader): events.PipelineCounts {
  return {
    shard: input.int(),
    accepted: readLongMap(input),
    rejected: readLongMap(input),
    duplicates: input.long(),
    sessions: input.long()
  }
}

export function writePlay(out: AvroWriter, value: events.Play): void {
  out.string(value.event_id)
  out.string(value.user_id)
  out.string(value.track_id)
  out.string(value.track_name)
  if (value.artist_id === null) out.index(0)
  else {
    out.index(1)
    out.string(value.artist_id)
  }
  out.string(value.artist_name)
  if (value.album_name === null) out.index(0)
  else {
    out.index(1)
    out.string(value.album_name)
  }
  out.long(value.occurred_at)
  if (value.duration_ms === null) out.index(0)
  else {
    out.index(1)
    out.long(value.duration_ms)
  }
  if (value.ms_played === null) out.index(0)
  else {
    out.index(1)
    out.long(value.ms_played)
  }
  if (value.device_type === null) out.index(0)
  else {
    out.index(1)
    out.string(value.device_type)
  }
  if (value.country === null) out.index(0)
  else {
    out.index(1)
    out.string(value.country)
  }
  out.string(value.source)
}

export function readPlay(input: AvroReader): events.Play {
  return {
    event_id: input.string(),
    user_id: input.string(),
    track_id: input.string(),
    track_name: input.string(),
    artist_id: input.index(2) === 0 ? null : input.string(),
    artist_name: input.string(),
    album_name: input.index(2) === 0 ? null : input.string(),
    occurred_at: input.long(),
    duration_ms: input.index(2) === 0 ? null : input.long(),
    ms_played: input.index(2) === 0 ? null : input.long(),
    device_type: input.index(2) === 0 ? null : input.string(),
    country: input.index(2) === 0 ? null : input.string(),
    source: input.string()
  }
}

export const statisticsDimensionSymbols: readonly events.StatisticsDimension[] = ['hour', 'day', 'device', 'total']

export function writePlayStatistics(out: AvroWriter, value: events.PlayStatistics): void {
  out.index(statisticsDimensionSymbols.indexOf(value.dimension))
  out.string(value.value)
  out.int(value.shard)
  out.long(value.plays)
  out.long(value.listening_ms)
}

export function readPlayStatistics(input: AvroReader): events.PlayStatistics {
  return {
    dimension: statisticsDimensionSymbols[input.index(statisticsDimensionSymbols.length)]!,
    value: input.string(),
    shard: input.int(),
    plays: input.long(),
    listening_ms: input.long()
  }
}

export const playbackEventTypeSymbols: readonly events.PlaybackEventType[] = [
  'unknown',
  'play',
  'pause',
  'resume',
  'skip',
  'seek',
  'device_change',
  'like',
  'volume_change',
  'queue_change',
  'other'
]

export function writePlaybackEvent(out: AvroWriter, value: events.PlaybackEvent): void {
  out.string(value.event_id)
  out.string(value.user_id)
  out.string(value.track_id)
  out.string(value.track_name)
  if (value.artist_id === null) out.index(0)
  else {
    out.index(1)
    out.string(value.artist_id)
  }
  out.string(value.artist_name)
  if (value.album_name === null) out.index(0)
  else {
    out.index(1)
    out.string(value.album_name)
  }
  out.long(value.occurred_at)
  if (value.duration_ms === null) out.index(0)
  else {
    out.index(1)
    out.long(value.duration_ms)
  }
  if (value.ms_played === null) out.index(0)
  else {
    out.index(1)
    out.long(value.ms_played)
  }
  if (value.device_type === null) out.index(0)
  else {
    out.index(1)
    out.string(value.device_type)
  }
  if (value.country === null) out.index(0)
  else {
    out.index(1)
    out.string(value.country)
  }
  out.string(value.source)
  out.index(playbackEventTypeSymbols.indexOf(value.event_type))
}

export function readPlaybackEvent(input: AvroReader): events.PlaybackEvent {
  return {
    event_id: input.string(),
    user_id: input.string(),
    track_id: input.string(),
    track_name: input.string(),
    artist_id: input.index(2) === 0 ? null : input.string(),
    artist_name: input.string(),
    album_name: input.index(2) === 0 ? null : input.string(),
    occurred_at: input.long(),
    duration_ms: input.index(2) === 0 ? null : input.long(),
    ms_played: input.index(2) === 0 ? null : input.long(),
    device_type: input.index(2) === 0 ? null : input.string(),
    country: input.index(2) === 0 ? null : input.string(),
    source: input.string(),
    event_type: playbackEventTypeSymbols[input.index(playbackEventTypeSymbols.length)]!
  }
}

export const qualitySpanSymbols: readonly events.QualitySpan[] = ['minutes', 'hour', 'all']

export function writeQuality(out: AvroWriter, value: events.Quality): void {
  out.string(value.strategy)
  out.index(qualitySpanSymbols.indexOf(value.span))
  out.long(value.start)
  out.int(value.shard)
  out.int(value.plays)
  if (out.array(value.ranks)) {
    for (const item of value.ranks) out.int(item)
    out.end()
  }
}

export function readQuality(input: AvroReader): events.Quality {
  return {
    strategy: input.string(),
    span: qualitySpanSymbols[input.index(qualitySpanSymbols.length)]!,
    start: input.long(),
    shard: input.int(),
    plays: input.int(),
    ranks: readIntArray(input)
  }
}

export function writeAffinityCorrection(out: AvroWriter, value: events.AffinityCorrection): void {
  out.string(value.artist_id)
  out.double(value.sum)
  out.int(value.plays)
  out.int(value.events)
}

export function readAffinityCorrection(input: AvroReader): events.AffinityCorrection {
  return {
    artist_id: input.string(),
    sum: input.double(),
    plays: input.int(),
    events: input.int()
  }
}

function readAffinityCorrectionArray(input: AvroReader): events.AffinityCorrection[] {
  const items: events.AffinityCorrection[] = []
  let at = 0
  for (let left = input.block(); left > 0; left = input.block()) {
    items.length += left
    for (; left > 0; left--) items[at++] = readAffinityCorrection(input)
  }
  return items
}

export function writeCountCorrection(out: AvroWriter, value: events.CountCorrection): void {
  out.string(value.kind)
  out.string(value.name)
  out.long(value.change)
}

export function readCountCorrection(input: AvroReader): events.CountCorrection {
  return {
    kind: input.string(),
    name: input.string(),
    change: input.long()
  }
}

function readCountCorrectionArray(input: AvroReader): events.CountCorrection[] {
  const items: events.CountCorrection[] = []
  let at = 0
  for (let left = input.block(); left > 0; left = input.block()) {
    items.length += left
    for (; left > 0; left--) items[at++] = readCountCorrection(input)
  }
  return items
}

export function writeRepair(out: AvroWriter, value: events.Repair): void {
  if (value.user_id === null) out.index(0)
  else {
    out.index(1)
    out.string(value.user_id)
  }
  out.long(value.as_of_was)
  out.long(value.as_of)
  if (out.array(value.artists)) {
    for (const item of value.artists) writeAffinityCorrection(out, item)
    out.end()
  }
  if (out.array(value.counts)) {
    for (const item of value.counts) writeCountCorrection(out, item)
    out.end()
  }
}

export function readRepair(input: AvroReader): events.Repair {
  return {
    user_id: input.index(2) === 0 ? null : input.string(),
    as_of_was: input.long(),
    as_of: input.long(),
    artists: readAffinityCorrectionArray(input),
    counts: readCountCorrectionArray(input)
  }
}

export function writeSharedListener(out: AvroWriter, value: events.SharedListener): void {
  out.string(value.user_id)
  out.string(value.alias)
  if (value.name === null) out.index(0)
  else {
    out.index(1)
    out.string(value.name)
  }
}

export function readSharedListener(input: AvroReader): events.SharedListener {
  return {
    user_id: input.string(),
    alias: input.string(),
    name: input.index(2) === 0 ? null : input.string()
  }
}

export function writeSharing(out: AvroWriter, value: events.Sharing): void {
  out.string(value.user_id)
  out.boolean(value.shares)
  out.string(value.alias)
  if (value.name === null) out.index(0)
  else {
    out.index(1)
    out.string(value.name)
  }
  out.long(value.chosen_at)
}

export function readSharing(input: AvroReader): events.Sharing {
  return {
    user_id: input.string(),
    shares: input.boolean(),
    alias: input.string(),
    name: input.index(2) === 0 ? null : input.string(),
    chosen_at: input.long()
  }
}

export function writeSkip(out: AvroWriter, value: events.Skip): void {
  out.string(value.event_id)
  out.string(value.user_id)
  out.string(value.track_id)
  out.string(value.track_name)
  if (value.artist_id === null) out.index(0)
  else {
    out.index(1)
    out.string(value.artist_id)
  }
  out.string(value.artist_name)
  if (value.album_name === null) out.index(0)
  else {
    out.index(1)
    out.string(value.album_name)
  }
  out.long(value.occurred_at)
  if (value.duration_ms === null) out.index(0)
  else {
    out.index(1)
    out.long(value.duration_ms)
  }
  if (value.ms_played === null) out.index(0)
  else {
    out.index(1)
    out.long(value.ms_played)
  }
  if (value.device_type === null) out.index(0)
  else {
    out.index(1)
    out.string(value.device_type)
  }
  if (value.country === null) out.index(0)
  else {
    out.index(1)
    out.string(value.country)
  }
  out.string(value.source)
}

export function readSkip(input: AvroReader): events.Skip {
  return {
    event_id: input.string(),
    user_id: input.string(),
    track_id: input.string(),
    track_name: input.string(),
    artist_id: input.index(2) === 0 ? null : input.string(),
    artist_name: input.string(),
    album_name: input.index(2) === 0 ? null : input.string(),
    occurred_at: input.long(),
    duration_ms: input.index(2) === 0 ? null : input.long(),
    ms_played: input.index(2) === 0 ? null : input.long(),
    device_type: input.index(2) === 0 ? null : input.string(),
    country: input.index(2) === 0 ? null : input.string(),
    source: input.string()
  }
}

export function writeStrategyList(out: AvroWriter, value: events.StrategyList): void {
  out.string(value.strategy)
  if (out.array(value.tracks)) {
    for (const item of value.tracks) out.string(item)
    out.end()
  }
}

export function readStrategyList(input: AvroReader): events.StrategyList {
  return {
    strategy: input.string(),
    tracks: readStringArray(input)
  }
}

function readStrategyListArray(input: AvroReader): events.StrategyList[] {
  const items: events.StrategyList[] = []
  let at = 0
  for (let left = input.block(); left > 0; left = input.block()) {
    items.length += left
    for (; left > 0; left--) items[at++] = readStrategyList(input)
  }
  return items
}

export function writeStandingList(out: AvroWriter, value: events.StandingList): void {
  out.string(value.user_id)
  out.long(value.made_at)
  out.long(value.basis_at)
  if (out.array(value.session)) {
    for (const item of value.session) out.string(item)
    out.end()
  }
  if (out.array(value.lists)) {
    for (const item of value.lists) writeStrategyList(out, item)
    out.end()
  }
}

export function readStandingList(input: AvroReader): events.StandingList {
  return {
    user_id: input.string(),
    made_at: input.long(),
    basis_at: input.long(),
    session: readStringArray(input),
    lists: readStrategyListArray(input)
  }
}

export function writeTrackDetails(out: AvroWriter, value: events.TrackDetails): void {
  out.string(value.track_id)
  out.string(value.track_name)
  out.string(value.artist_id)
  out.int(value.plays)
}

export function readTrackDetails(input: AvroReader): events.TrackDetails {
  return {
    track_id: input.string(),
    track_name: input.string(),
    artist_id: input.string(),
    plays: input.int()
  }
}

export function writeNeighbour(out: AvroWriter, value: events.Neighbour): void {
  out.string(value.track_id)
  out.int(value.together)
  out.double(value.weight)
}

export function readNeighbour(input: AvroReader): events.Neighbour {
  return {
    track_id: input.string(),
    together: input.int(),
    weight: input.double()
  }
}

function readNeighbourArray(input: AvroReader): events.Neighbour[] {
  const items: events.Neighbour[] = []
  let at = 0
  for (let left = input.block(); left > 0; left = input.block()) {
    items.length += left
    for (; left > 0; left--) items[at++] = readNeighbour(input)
  }
  return items
}

export function writeTrackNeighbours(out: AvroWriter, value: events.TrackNeighbours): void {
  out.string(value.track_id)
  out.int(value.sessions)
  out.double(value.n)
  if (out.array(value.neighbours)) {
    for (const item of value.neighbours) writeNeighbour(out, item)
    out.end()
  }
}

export function readTrackNeighbours(input: AvroReader): events.TrackNeighbours {
  return {
    track_id: input.string(),
    sessions: input.int(),
    n: input.double(),
    neighbours: readNeighbourArray(input)
  }
}

function readDoubleArray(input: AvroReader): number[] {
  const items: number[] = []
  let at = 0
  for (let left = input.block(); left > 0; left = input.block()) {
    items.length += left
    for (; left > 0; left--) items[at++] = input.double()
  }
  return items
}

export function writeTrackPlays(out: AvroWriter, value: events.TrackPlays): void {
  out.int(value.track)
  out.int(value.name)
  out.int(value.artist)
  out.long(value.minute)
  out.int(value.country)
  out.int(value.count)
  out.long(value.latest)
  out.int(value.others)
}

export function readTrackPlays(input: AvroReader): events.TrackPlays {
  return {
    track: input.int(),
    name: input.int(),
    artist: input.int(),
    minute: input.long(),
    country: input.int(),
    count: input.int(),
    latest: input.long(),
    others: input.int()
  }
}

function readTrackPlaysArray(input: AvroReader): events.TrackPlays[] {
  const items: events.TrackPlays[] = []
  let at = 0
  for (let left = input.block(); left > 0; left = input.block()) {
    items.length += left
    for (; left > 0; left--) items[at++] = readTrackPlays(input)
  }
  return items
}

export function writeTrackPlaysCorrection(out: AvroWriter, value: events.TrackPlaysCorrection): void {
  out.int(value.track)
  out.int(value.count)
}

export function readTrackPlaysCorrection(input: AvroReader): events.TrackPlaysCorrection {
  return {
    track: input.int(),
    count: input.int()
  }
}

function readTrackPlaysCorrectionArray(input: AvroReader): events.TrackPlaysCorrection[] {
  const items: events.TrackPlaysCorrection[] = []
  let at = 0
  for (let left = input.block(); left > 0; left = input.block()) {
    items.length += left
    for (; left > 0; left--) items[at++] = readTrackPlaysCorrection(input)
  }
  return items
}

export function writeTrackChartCorrection(out: AvroWriter, value: events.TrackChartCorrection): void {
  out.int(value.track)
  out.int(value.country)
  out.int(value.count)
}

export function readTrackChartCorrection(input: AvroReader): events.TrackChartCorrection {
  return {
    track: input.int(),
    country: input.int(),
    count: input.int()
  }
}

function readTrackChartCorrectionArray(input: AvroReader): events.TrackChartCorrection[] {
  const items: events.TrackChartCorrection[] = []
  let at = 0
  for (let left = input.block(); left > 0; left = input.block()) {
    items.length += left
    for (; left > 0; left--) items[at++] = readTrackChartCorrection(input)
  }
  return items
}

export function writeTrackUpdates(out: AvroWriter, value: events.TrackUpdates): void {
  if (out.array(value.dictionary)) {
    for (const item of value.dictionary) out.string(item)
    out.end()
  }
  if (out.array(value.track)) {
    for (const item of value.track) out.int(item)
    out.end()
  }
  if (out.array(value.sessions)) {
    for (const item of value.sessions) out.int(item)
    out.end()
  }
  if (out.array(value.n)) {
    for (const item of value.n) out.double(item)
    out.end()
  }
  if (out.array(value.neighbours)) {
    for (const item of value.neighbours) out.int(item)
    out.end()
  }
  if (out.array(value.other)) {
    for (const item of value.other) out.int(item)
    out.end()
  }
  if (out.array(value.together)) {
    for (const item of value.together) out.int(item)
    out.end()
  }
  if (out.array(value.weight)) {
    for (const item of value.weight) out.double(item)
    out.end()
  }
  if (out.array(value.plays)) {
    for (const item of value.plays) writeTrackPlays(out, item)
    out.end()
  }
  if (out.array(value.play_corrections)) {
    for (const item of value.play_corrections) writeTrackPlaysCorrection(out, item)
    out.end()
  }
  if (out.array(value.chart_corrections)) {
    for (const item of value.chart_corrections) writeTrackChartCorrection(out, item)
    out.end()
  }
}

export function readTrackUpdates(input: AvroReader): events.TrackUpdates {
  return {
    dictionary: readStringArray(input),
    track: readIntArray(input),
    sessions: readIntArray(input),
    n: readDoubleArray(input),
    neighbours: readIntArray(input),
    other: readIntArray(input),
    together: readIntArray(input),
    weight: readDoubleArray(input),
    plays: readTrackPlaysArray(input),
    play_corrections: readTrackPlaysCorrectionArray(input),
    chart_corrections: readTrackChartCorrectionArray(input)
  }
}

export function writeUserDay(out: AvroWriter, value: events.UserDay): void {
  out.string(value.user_id)
  out.string(value.day)
  out.int(value.plays)
  out.long(value.listening_ms)
  out.int(value.distinct_tracks)
  out.int(value.distinct_artists)
  out.bytes(value.heard)
}

export function readUserDay(input: AvroReader): events.UserDay {
  return {
    user_id: input.string(),
    day: input.string(),
    plays: input.int(),
    listening_ms: input.long(),
    distinct_tracks: input.int(),
    distinct_artists: input.int(),
    heard: input.bytes()
  }
}

export function writeSessionTrack(out: AvroWriter, value: events.SessionTrack): void {
  out.string(value.track_id)
  out.string(value.artist_id)
  out.long(value.last_played_at)
}

export function readSessionTrack(input: AvroReader): events.SessionTrack {
  return {
    track_id: input.string(),
    artist_id: input.string(),
    last_played_at: input.long()
  }
}

function readSessionTrackArray(input: AvroReader): events.SessionTrack[] {
  const items: events.SessionTrack[] = []
  let at = 0
  for (let left = input.block(); left > 0; left = input.block()) {
    items.length += left
    for (; left > 0; left--) items[at++] = readSessionTrack(input)
  }
  return items
}

export function writeUserSession(out: AvroWriter, value: events.UserSession): void {
  out.string(value.user_id)
  out.long(value.started_at)
  out.long(value.last_play_at)
  out.int(value.plays)
  if (value.country === null) out.index(0)
  else {
    out.index(1)
    out.string(value.country)
  }
  if (out.array(value.tracks)) {
    for (const item of value.tracks) writeSessionTrack(out, item)
    out.end()
  }
}

export function readUserSession(input: AvroReader): events.UserSession {
  return {
    user_id: input.string(),
    started_at: input.long(),
    last_play_at: input.long(),
    plays: input.int(),
    country: input.index(2) === 0 ? null : input.string(),
    tracks: readSessionTrackArray(input)
  }
}

/** By the name of the file in schemas/avro. */
export const binaries = {
  'artist-affinity': { write: writeArtistAffinity, read: readArtistAffinity },
  'artist-details': { write: writeArtistDetails, read: readArtistDetails },
  'artist-listener': { write: writeArtistListener, read: readArtistListener },
  'artist-updates': { write: writeArtistUpdates, read: readArtistUpdates },
  chart: { write: writeChart, read: readChart },
  'dead-letter': { write: writeDeadLetter, read: readDeadLetter },
  erasure: { write: writeErasure, read: readErasure },
  'experiment-counts': { write: writeExperimentCounts, read: readExperimentCounts },
  exposure: { write: writeExposure, read: readExposure },
  feedback: { write: writeFeedback, read: readFeedback },
  instance: { write: writeInstance, read: readInstance },
  'lake-plan': { write: writeLakePlan, read: readLakePlan },
  like: { write: writeLike, read: readLike },
  'listener-profile': { write: writeListenerProfile, read: readListenerProfile },
  'listening-event': { write: writeListeningEvent, read: readListeningEvent },
  'now-playing': { write: writeNowPlaying, read: readNowPlaying },
  'pipeline-counts': { write: writePipelineCounts, read: readPipelineCounts },
  play: { write: writePlay, read: readPlay },
  'play-statistics': { write: writePlayStatistics, read: readPlayStatistics },
  'playback-event': { write: writePlaybackEvent, read: readPlaybackEvent },
  quality: { write: writeQuality, read: readQuality },
  repair: { write: writeRepair, read: readRepair },
  'shared-listener': { write: writeSharedListener, read: readSharedListener },
  sharing: { write: writeSharing, read: readSharing },
  skip: { write: writeSkip, read: readSkip },
  'standing-list': { write: writeStandingList, read: readStandingList },
  'track-details': { write: writeTrackDetails, read: readTrackDetails },
  'track-neighbours': { write: writeTrackNeighbours, read: readTrackNeighbours },
  'track-updates': { write: writeTrackUpdates, read: readTrackUpdates },
  'user-day': { write: writeUserDay, read: readUserDay },
  'user-session': { write: writeUserSession, read: readUserSession }
}
