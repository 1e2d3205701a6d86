// What a blueprint is, and how one is read: a file of JSON, held to the schema that the package publishes.
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import type { ErrorObject } from 'ajv'
import { clip, printable } from '../../../shared/text.js'
import { UsageError } from '../command.js'

export type Packages = Readonly<Record<string, string>>

export interface BlueprintFile {
  /** Below the app, with `/` between its parts. */
  readonly path: string
  readonly text: string | readonly string[]
}

/** What one language has in addition. */
export interface Variant {
  readonly dependencies?: Packages
  readonly devDependencies?: Packages
  readonly scripts?: Readonly<Record<string, string>>
  readonly files?: readonly BlueprintFile[]
}

export const LANGUAGES = ['js', 'ts'] as const

export type Language = typeof LANGUAGES[number]

export interface Blueprint extends Variant, Readonly<Partial<Record<Language, Variant>>> {
  readonly name: string
  readonly description?: string
  readonly engines?: string
  /** For the browser. */
  readonly libraries?: Packages
  readonly files: readonly BlueprintFile[]
  /** Options of `listen()`, and those of the plugin. */
  readonly devServer?: { readonly options?: Readonly<Record<string, unknown>>, readonly [name: string]: unknown }
  readonly language?: Language
}

/** Those of the package, by name. */
export const BLUEPRINTS: readonly string[] = ['minimal', 'docs', 'full']

const MAX_CHARACTERS = 5_000_000
const SHOWN_CHARACTERS = 60
const require = createRequire(import.meta.url)

/** `given`: one of `BLUEPRINTS`, or a path. @throws UsageError */
export async function readBlueprint (given: string, cwd: string): Promise<Blueprint> {
  const own = BLUEPRINTS.includes(given)
  const text = await read(own ? require.resolve(`fastify-live-reload/blueprints/${given}.json`) : resolve(cwd, given), given)
  let data: unknown
  try {
    data = JSON.parse(text)
  } catch (error) {
    throw new UsageError(`the blueprint ${given} is no JSON: ${(error as Error).message}`)
  }
  const objection = await validate(data)
  if (objection !== undefined) throw new UsageError(`the blueprint ${given} cannot be used: ${objection}`)
  return data as Blueprint
}

async function read (file: string, given: string): Promise<string> {
  try {
    const text = await readFile(file, 'utf8')
    if (text.length > MAX_CHARACTERS) throw new Error('it is larger than 5 MB')
    return text
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw new UsageError(`the blueprint ${given} could not be read: ${code === 'ENOENT' ? `there is no such file; take ${BLUEPRINTS.join(', ')} or the path of a file` : code ?? message}`)
  }
}

/** What is wrong, to be read behind a colon. */
async function validate (data: unknown): Promise<string | undefined> {
  const { Ajv } = await import('ajv')
  const validator = new Ajv({ allowUnionTypes: true, verbose: true }).compile(require('fastify-live-reload/blueprints/schema.json') as object)
  return validator(data) ? undefined : explain(validator.errors?.[0] as ErrorObject)
}

/** Each part of the schema says in its description what it expects. */
function explain ({ keyword, instancePath, params, parentSchema, data, propertyName }: ErrorObject): string {
  const where = instancePath === '' ? 'it' : `\`${instancePath.slice(1).replaceAll('/', '.')}\``
  if (keyword === 'additionalProperties') return `${where} has an unknown field ${show(params.additionalProperty)}; known are ${Object.keys(parentSchema?.properties as object).join(', ')}`
  if (keyword === 'required') return `${where} has no ${show(params.missingProperty)}`
  const expected = String(parentSchema?.description)
  return propertyName === undefined ? `${where} must be ${expected}, got ${show(data)}` : `${where} has ${show(propertyName)}, which must be ${expected}`
}

function show (value: unknown): string {
  return clip(printable(JSON.stringify(value)), SHOWN_CHARACTERS)
}
