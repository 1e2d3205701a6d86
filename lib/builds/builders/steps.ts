// Several builders as one: in order, up to the first that fails.
import type { BuildContext, BuildFunction, BuildRequest, BuildResult, Builder } from '../../../types/build.js'
import { command } from './command.js'
import { asBuilder } from './in-process.js'

/** A builder, a function, or a command as a string or an argv array. */
export type Step = Builder | BuildFunction | string | readonly string[]

export function steps (...given: readonly Step[]): Builder {
  const builders = given.map((step, i) => toBuilder(step, `step ${i + 1}`))
  return {
    name: builders.map(builder => builder.name).join(', '),
    build: (request, context) => runAll(builders, request, context),
    warm: () => forAll(builders, builder => builder.warm?.()),
    close: () => forAll(builders, builder => builder.close?.())
  }
}

/** @throws FST_LIVE_RELOAD_INVALID_COMMAND */
export function toBuilder (step: Step, name: string): Builder {
  if (typeof step === 'string' || Array.isArray(step)) return command(step)
  return asBuilder(step as Builder | BuildFunction, name)
}

/** Calls all of them, also when one fails. */
async function forAll (builders: readonly Builder[], run: (builder: Builder) => void | Promise<void>): Promise<void> {
  const outcomes = await Promise.allSettled(builders.map(async builder => run(builder)))
  const failed = outcomes.find(outcome => outcome.status === 'rejected')
  if (failed !== undefined) throw failed.reason
}

async function runAll (builders: readonly Builder[], request: BuildRequest, context: BuildContext): Promise<BuildResult> {
  const results: BuildResult[] = []
  for (const builder of builders) {
    context.signal.throwIfAborted()
    const result = await builder.build(request, context)
    results.push(result)
    if (!result.ok) break
  }
  return combine(results)
}

export function combine (results: readonly BuildResult[]): BuildResult {
  const every = <T>(pick: (result: BuildResult) => T | undefined): T[] => results.map(pick).filter(value => value !== undefined)
  const outputs = every(result => result.outputs)
  const pages = every(result => result.pages)
  const printed = every(result => result.output)
  const meta = every(result => result.meta)
  return {
    ok: results.every(result => result.ok),
    ms: results.reduce((sum, result) => sum + result.ms, 0),
    diagnostics: results.flatMap(result => result.diagnostics),
    // An incomplete list would hide what the other steps wrote.
    ...(outputs.length > 0 && outputs.length === results.length && { outputs: outputs.flat() }),
    // Steps before the one that failed have written theirs.
    ...(results.length === 1 && results[0]?.outputKept === true && { outputKept: true }),
    ...(pages.length > 0 && { pages: pages.reduce((sum, count) => sum + count, 0) }),
    ...(printed.length > 0 && { output: printed.join('') }),
    ...(meta.length > 0 && { meta: Object.assign({}, ...meta) as Record<string, unknown> })
  }
}
