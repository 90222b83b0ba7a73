import t from 'tap'
import { artistIdFromName, eventId, trackIdFromName } from '../../schemas/ids.js'

// Computed apart from this code: python3 -c "import uuid, unicodedata
// print(uuid.uuid5(uuid.UUID('0b8f4a52-6a53-5d0c-9f5e-73656775650a'), unicodedata.normalize('NFC', '\x1f'.join(parts)).lower()))"
t.test('derived ids are those of an independent computation', async t => {
  t.equal(artistIdFromName('Rick Astley'), 'name:3fb7eaf0-fde6-58ec-bb72-37e67c4960c6')
  t.equal(artistIdFromName('Bjo\u0308rk'), 'name:75d31ba8-a9e8-5ac6-bcd4-ed4ce74d9063')
  t.equal(artistIdFromName('ΟΔΟΣ'), 'name:89289ae0-5b5b-56dd-b7ed-c734f368d844')
  t.equal(artistIdFromName('İstanbul'), 'name:d56bd1ee-a5ba-5883-b357-a65b41366d9f')
  t.equal(trackIdFromName('Rick Astley', 'Never Gonna Give You Up'), 'name:6edf25d5-f43b-52b7-b886-c7e40434dbd2')
  t.equal(trackIdFromName('Sigur Rós', 'Ágætis byrjun'), 'name:234abed7-312c-56a8-8215-9b141b04128a')
  t.equal(trackIdFromName('李荣浩', '年少有为'), 'name:eb53cd65-05e3-5081-9b4e-a3ab923cc9b5')
  t.equal(eventId('user-1', '4uLU6hMCjMI75M1A2tKUQC', 1_577_836_800_000, 'play'), 'a0539e75-a573-5880-bade-e51c40536b28')
})

t.test('one name is one id, however it is written', async t => {
  t.equal(artistIdFromName('BJÖRK'), artistIdFromName('bjo\u0308rk'))
  t.not(trackIdFromName('a', 'b'), trackIdFromName('b', 'a'))
  t.not(trackIdFromName('a', 'b'), artistIdFromName('ab'))
})

t.test('an id stays the same when the memory of names was emptied', async t => {
  const before = artistIdFromName('Rick Astley')
  for (let i = 0; i < 21_000; i++) artistIdFromName(`artist ${i}`)
  t.equal(artistIdFromName('Rick Astley'), before)
})
