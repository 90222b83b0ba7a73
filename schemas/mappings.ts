/**
 * The sources' spellings of countries and devices. The two CSV files in schemas/mappings are the definition, here and for
 * the batch: an alias matches the text in lower case without surrounding spaces; for devices, its first word next.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DeviceType } from './events.js'
import { projectRoot } from './root.js'

const rememberedLimit = 10_000

/** Reads `alias,value` lines. An alias that has a comma is quoted. @throws Error naming the line. */
export function parseMapping(text: string, file: string): Map<string, string> {
  const mapping = new Map<string, string>()
  for (const [i, line] of text.trimEnd().split('\n').entries()) {
    const match = /^(?:"([^"]+)"|([^",]+)),([^",]+)$/.exec(line)
    if (!match) throw new Error(`${file}, line ${i + 1}, is not of the form alias,value: ${line}`)
    if (i === 0) continue
    const alias = (match[1] ?? match[2])!
    if (mapping.has(alias)) throw new Error(`${file}, line ${i + 1}: the alias ${alias} stands there twice.`)
    mapping.set(alias, match[3]!)
  }
  return mapping
}

function readMapping(name: string): Map<string, string> {
  const file = join(projectRoot, 'schemas', 'mappings', name)
  return parseMapping(readFileSync(file, 'utf8'), file)
}

const countries = readMapping('countries.csv')
const devices = readMapping('devices.csv') as Map<string, DeviceType>

// Only spaces, as SQL's trim has it: the batch must find the same.
const normalised = (text: string) => text.replace(/^ +| +$/g, '').toLowerCase()

/** Texts repeat: what was found is remembered, and forgotten when that grows too large. */
function remembering<V>(find: (text: string) => V): (text: string) => V {
  const found = new Map<string, V>()
  return text => {
    let value = found.get(text)
    if (value === undefined) {
      value = find(text)
      if (found.size >= rememberedLimit) found.clear()
      found.set(text, value)
    }
    return value
  }
}

const findCountry = remembering(text => countries.get(normalised(text)) ?? null)
const findDevice = remembering(text => {
  const name = normalised(text)
  return devices.get(name) ?? devices.get(name.split(' ', 1)[0]!) ?? 'other'
})

/** ISO 3166-1 alpha-2 in upper case of a code or a common name; null where it is unknown. */
export const countryCode = (text: string | null): string | null => (text === null ? null : findCountry(text))

/** All that `countryCode` answers. */
export const countryCodes: ReadonlySet<string> = new Set(countries.values())

/** The device type of a source's word for it, or of its first word (`iOS 17.1 (iPhone15,2)`); `other` where it is unknown. */
export const deviceType = (text: string | null): DeviceType => (text === null ? 'other' : findDevice(text))
