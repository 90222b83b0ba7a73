import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { countryCode, deviceType, parseMapping } from '../../schemas/mappings.js'
import { projectRoot } from '../../schemas/root.js'
import type { AvroEnum } from '../../schemas/sources.js'
import { readSchema } from '../../schemas/sources.js'

const read = (name: string) => parseMapping(readFileSync(join(projectRoot, 'schemas', 'mappings', name), 'utf8'), name)

t.test('countries: alpha-2, alpha-3 and common names, in any case', async t => {
  const same = {
    GB: ['GB', 'gb', 'UK', 'gbr', 'United Kingdom', 'Scotland'],
    US: ['us', 'USA', ' united states ', 'U.S.A.'],
    DE: ['DEU', 'Germany']
  }
  for (const [code, texts] of Object.entries(same)) for (const text of texts) t.equal(countryCode(text), code, text)
  t.equal(countryCode('Korea, Republic of'), 'KR')
  t.equal(countryCode("Côte d'Ivoire"), 'CI')
  for (const text of ['ZZ', 'Atlantis', '', 'constructor', null]) t.equal(countryCode(text), null, String(text))
})

t.test('countries: all 249 codes of ISO 3166-1, twice each', async t => {
  const countries = read('countries.csv')
  const codes = new Set(countries.values())
  t.equal(codes.size, 249)
  for (const code of codes) {
    t.equal(countries.get(code.toLowerCase()), code)
    t.ok(
      [...countries].some(([alias, alpha2]) => alpha2 === code && /^[a-z]{3}$/.test(alias)),
      `${code} has an alpha-3 code`
    )
  }
})

t.test('devices: the many spellings', async t => {
  const same = {
    smartphone: ['Smartphone', 'iOS', 'android', 'iOS 17.1 (iPhone15,2)', 'Android OS 10 API 29 (samsung, SM-G960F)'],
    computer: ['Computer', 'OS X 10.15.7 [x86 8]', 'Windows 10 (10.0.19042; x64)', 'linux'],
    tablet: ['Tablet', 'iPad'],
    speaker: ['SPEAKER', 'AVR', 'AudioDongle', 'CastAudio'],
    tv: ['TV', 'STB', 'GameConsole', 'CastVideo', 'smart_tv'],
    car: ['Automobile', 'CarThing'],
    web: ['Web Player', 'web_player windows 10;chrome 87.0'],
    other: ['Unknown', 'fridge', '', 'toString', null]
  }
  for (const [type, texts] of Object.entries(same)) for (const text of texts) t.equal(deviceType(text), type, String(text))
})

t.test('devices: only types of the schema, aliases in the form that is looked up', async t => {
  const field = readSchema('listening-event').fields.find(({ name }) => name === 'device_type')!
  const { symbols } = field.type as AvroEnum
  const devices = read('devices.csv')
  t.strictSame(
    [...devices].filter(([, type]) => !symbols.includes(type)),
    []
  )
  const aliases = [...devices.keys(), ...read('countries.csv').keys()]
  t.strictSame(
    aliases.filter(alias => alias !== alias.trim().toLowerCase()),
    []
  )
})

t.test('a mapping that is not well formed is refused with its line', async t => {
  t.throws(() => parseMapping('alias,alpha2\nde,DE\nfrance\n', 'x.csv'), /x.csv, line 3, is not of the form/)
  t.throws(() => parseMapping('alias,alpha2\nde,DE\nde,FR\n', 'x.csv'), /x.csv, line 3: the alias de stands there twice/)
})

t.test('more texts than are remembered', async t => {
  for (let i = 0; i < 10_500; i++) countryCode(`nowhere ${i}`)
  t.equal(countryCode('DEU'), 'DE')
})
