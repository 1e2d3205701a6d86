// A browser of the system, driven by whatever protocol it speaks: what the smoke suite needs of it, and no more.
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { Test } from 'tap'
import { until } from './wait.js'

export interface RemoteTab {
  goto (url: string): Promise<void>
  /** The value of an expression, as JSON carries it. */
  ask<T = unknown> (expression: string): Promise<T>
}

export interface RemoteBrowser {
  /** A window of its own: two tabs of one window are never both seen. */
  open (): Promise<RemoteTab>
}

/** What both protocols are sent: values come back as text, so neither's own types matter. */
export const asText = (expression: string): string => `JSON.stringify((${expression}) ?? null)`

/** A page between two documents has no answer. */
export const holds = (tab: RemoteTab, expression: string): Promise<unknown> => until(() => tab.ask(expression).catch(() => false), expression)

/** A program that says when it is ready; it ends with the test. */
export async function spawned (t: Test, program: string, args: readonly string[], env: NodeJS.ProcessEnv, ready: RegExp): Promise<{ readonly found: RegExpExecArray, readonly child: ChildProcess }> {
  const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', text => { output += String(text) })
  t.teardown(async () => {
    if (!t.passing()) t.comment(output)
    const exit = once(child, 'exit')
    const running = child.exitCode === null && child.signalCode === null
    // With the helpers it started.
    try { process.kill(-(child.pid as number), 'SIGKILL') } catch {}
    if (running) await exit
  })
  const found = await until(() => {
    if (child.exitCode !== null) throw new Error(`${program} ended:\n${output}`)
    return ready.exec(output)
  }, `${program} says ${ready}`, 60_000)
  return { found, child }
}
