/**
 * Writes schemas/events.ts (types) and schemas/binary.ts (Avro binary) from schemas/avro/*.avsc. With `--check`: writes
 * nothing, exits 1 where one of them is stale.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { generateBinary } from './generate-binary.js'
import { generateTypes } from './generate-types.js'
import { projectRoot } from './root.js'
import { readSchema, schemaNames } from './sources.js'

/** The generated files, with the text that they should have. */
export function generatedFiles(): Map<string, string> {
  const schemas = new Map(schemaNames().map(name => [name, readSchema(name)]))
  return new Map([
    [join(projectRoot, 'schemas', 'events.ts'), generateTypes([...schemas.values()])],
    [join(projectRoot, 'schemas', 'binary.ts'), generateBinary(schemas)]
  ])
}

/** The generated files that are not what schemas/avro says. */
export const staleFiles = (): string[] =>
  [...generatedFiles()].filter(([file, text]) => !existsSync(file) || readFileSync(file, 'utf8') !== text).map(([file]) => file)

export function generate(): void {
  for (const [file, text] of generatedFiles()) writeFileSync(file, text)
}

if (import.meta.filename === process.argv[1]) {
  if (!process.argv.includes('--check')) generate()
  for (const file of staleFiles()) {
    console.error(`${file} is not what schemas/avro says: run \`npm run schemas:accept\` and commit the result.`)
    process.exitCode = 1
  }
}
