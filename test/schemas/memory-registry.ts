import { type Registry, RegistryUnavailableError } from '../../schemas/registry.js'
import type { AvroSchema } from '../../schemas/sources.js'

/** A registry that may be down, and that takes any schema. */
export class MemoryRegistry implements Registry {
  down = false
  lookups = 0
  private readonly schemas: AvroSchema[] = []

  async register(_subject: string, schema: AvroSchema): Promise<number> {
    this.refuseIfDown()
    return this.schemas.push(schema)
  }

  async schema(id: number): Promise<AvroSchema | undefined> {
    this.lookups++
    this.refuseIfDown()
    return this.schemas[id - 1]
  }

  private refuseIfDown(): void {
    if (this.down) throw new RegistryUnavailableError('The registry is down.')
  }
}
