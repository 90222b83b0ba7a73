import AjvCompiler from '@fastify/ajv-compiler'
import type { FastifySchemaCompiler } from 'fastify'

/**
 * Parameters are text and become what the schema says; a body has types of its own, and another one is refused. So is what it has
 * too much: it may be a slip of the pen.
 */
export function validators(): FastifySchemaCompiler<object> {
  const compile = AjvCompiler()
  const parameters = compile({}, { customOptions: { removeAdditional: false } })
  const body = compile({}, { customOptions: { removeAdditional: false, coerceTypes: false } })
  return route => (route.httpPart === 'body' ? body : parameters)(route)
}
