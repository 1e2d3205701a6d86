// Writes esbuild's outputs in its place: by itself it deletes those of the last build when one fails.
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { OutputFile, Plugin } from 'esbuild'

export interface KeptOutputs {
  /** The first of all plugins: when the others hear of the end, the files are there. Needs `write: false`. */
  readonly plugin: Plugin
  /** What the last successful build no longer wrote, and is deleted. */
  gone (): readonly string[]
}

export function keepOutputs (): KeptOutputs {
  let written: readonly string[] = []
  let gone: readonly string[] = []

  async function replace (files: readonly OutputFile[]): Promise<void> {
    await Promise.all(files.map(write))
    const paths = files.map(({ path }) => path)
    gone = written.filter(path => !paths.includes(path))
    written = paths
    await Promise.all(gone.map(path => rm(path, { force: true })))
  }

  return {
    plugin: {
      name: 'live-reload',
      setup (build) {
        build.onEnd(async ({ errors, outputFiles }) => {
          if (errors.length === 0) await replace(outputFiles as OutputFile[])
        })
      }
    },
    gone: () => gone
  }
}

async function write ({ path, contents }: OutputFile): Promise<void> {
  const old = await readFile(path).catch(() => undefined)
  if (old?.equals(contents)) return
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, contents)
}
