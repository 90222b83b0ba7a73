/** Writes the diagrams of the topology into docs/architecture.md. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { projectRoot } from '../schemas/root.js'
import { describeMermaid } from '../streams/describe.js'
import { segueTopology } from './topology.js'

const PLACE = /(<!-- topology: .* -->\n)[\s\S]*?(<!-- \/topology -->)/
const PARTITIONS = 3

export const architectureFile = join(projectRoot, 'docs/architecture.md')

/** The text with the diagrams as they should be. */
export function withDiagrams(text: string): string {
  const topology = segueTopology(PARTITIONS)
  const diagrams = [...topology.units.keys()].map(unit => `\`\`\`mermaid\n${describeMermaid(topology, unit)}\n\`\`\`\n\n`)
  if (!PLACE.test(text))
    throw new Error(`${architectureFile} has no place for the topology: <!-- topology: ... --> and <!-- /topology -->.`)
  return text.replace(PLACE, (_, begin, end) => `${begin}\n${diagrams.join('')}${end}`)
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href)
  writeFileSync(architectureFile, withDiagrams(readFileSync(architectureFile, 'utf8')))
