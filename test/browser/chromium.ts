import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

export const chromiumPath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium'

/** Why the browser's tests can't run here, or undefined. */
export const noChromium = (): string | undefined =>
  existsSync(chromiumPath) ? undefined : `There is no Chromium at ${chromiumPath}: set CHROMIUM_PATH to open the page`

/** Without its own traffic: it talks to the page's server only. */
export const launch = (): Promise<Browser> =>
  chromium.launch({
    executablePath: chromiumPath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync'
    ]
  })
