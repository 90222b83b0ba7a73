/**
 * A fake Spotify to develop against: two listeners who play album after album, skip and like. Prints the settings to start
 * Segue with.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { FakeTrack } from './bodies.js'
import { CLIENT_ID, FakeSpotify } from './fake.js'
import type { FakeListener } from './listener.js'

const SECONDS_A_TRACK = Number(process.env.SECONDS_A_TRACK ?? 45)

const albums = ['Strange Weather', 'Low Tide', 'Paper Lanterns'].map((album, a) =>
  Array.from({ length: 8 }, (_, i): FakeTrack => {
    const artist = ['Hollow Pines', 'The Estuaries', 'Ida Bright'][a]!
    return { id: `fake${a}${i}`, name: `${album} ${i + 1}`, artist, album, durationMs: SECONDS_A_TRACK * 1000 }
  })
)

async function listen(listener: FakeListener, turn: number): Promise<void> {
  for (let i = turn; ; i++) {
    for (const [index, track] of albums[i % albums.length]!.entries()) {
      const skipped = index % 4 === 3
      listener.play(track)
      await sleep(skipped ? 8_000 : (SECONDS_A_TRACK * 1000) / 2)
      if (index % 5 === 1 && !listener.saved.some(saved => saved.track.id === track.id)) listener.save(track)
      if (!skipped) await sleep((SECONDS_A_TRACK * 1000) / 2)
    }
  }
}

const spotify = await FakeSpotify.listen(Date.now, Number(process.env.PORT ?? 3999))
for (const [turn, userId] of ['ann', 'bob'].entries()) listen(spotify.listener(userId), turn)
process.stdout.write(
  [
    `A fake Spotify is at ${spotify.url}. Start Segue with`,
    `SPOTIFY_CLIENT_ID=${CLIENT_ID} SPOTIFY_API_URL=${spotify.url} SPOTIFY_ACCOUNTS_URL=${spotify.url} npx segue start --no-simulator`,
    'and open http://127.0.0.1:3000/spotify/connect. Ctrl-C stops it.\n'
  ].join('\n')
)
