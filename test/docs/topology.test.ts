import { readFileSync } from 'node:fs'
import t from 'tap'
import { architectureFile, withDiagrams } from '../../tools/docs.js'

t.test('the diagrams in docs/architecture.md are those of the topology (npm run docs:topology)', async t => {
  const text = readFileSync(architectureFile, 'utf8')
  t.equal(withDiagrams(text), text)
  t.match(text, /subgraph listeners[\s\S]*subgraph tracks[\s\S]*subgraph artists/)
})
