// How a child's end is explained, with a child that the test ends as it likes.
import { test } from 'tap'
import { Member } from '../../../lib/builds/executors/member.js'
import type { Ending } from '../../../lib/builds/processes/explain.js'
import { until } from '../../support/wait.js'

class TestMember extends Member {
  readonly ended = Promise.resolve()
  readonly flooded = false
  wasKilled = false

  kill (): void { this.wasKilled = true }
  stop (): void {}
  protected send (): void {}
  protected begin (): void {}
  protected rest (): void {}
  protected output (): string { return '' }
  protected async settled (): Promise<void> {}

  closeChannel (): void { this.onBroken() }

  end (ending: Omit<Ending, 'output'>): void {
    this.onExit()
    this.onEnded('process', { ...ending, output: '' })
  }
}

const endings: [name: string, ending: Omit<Ending, 'output'>, message: RegExp][] = [
  ['had exited by itself before it was killed', { code: 3, signal: null }, /^the build exited with code 3$/],
  ['had ended well before it was killed', { code: 0, signal: null }, /^the build ended its process \(exit code 0\) without a result$/],
  ['lived on without it, and was killed', { code: null, signal: 'SIGKILL' }, /^the build closed or broke its channel to the server, and was stopped$/]
]

for (const [name, ending, message] of endings) {
  test(`a child whose channel closed ${name}`, async t => {
    const child = new TestMember({ onLeave () {}, onUncaught () {} })
    const failure = t.rejects(child.run({ file: 'build.mjs', data: undefined }, new Map(), {}), { message })
    child.closeChannel()
    await until(() => child.wasKilled, 'it is killed')
    child.end(ending)
    await failure
  })
}
