// What is to be done: all that is new is loaded first, then everything changes at once, or nothing does.

export interface Edit {
  /** What has to be there before; a failure stops everything. */
  prepare? (): Promise<unknown>
  commit (): void
  undo? (): void
}

export interface Plan {
  readonly size: number
  add (edit: Edit): void
  /** Loads ahead of the change. That it can not be loaded is no reason to keep the old one. */
  load (address: string, kind: 'image' | 'font', crossOrigin?: string | null): void
  run (): Promise<void>
}

export function createPlan (): Plan {
  const edits: Edit[] = []
  const loads = new Map<string, Promise<unknown>>()
  return {
    get size () { return edits.length },
    add: edit => { edits.push(edit) },
    load (address, kind, crossOrigin = null) {
      const key = `${address} ${crossOrigin}`
      if (!loads.has(key)) loads.set(key, (kind === 'image' ? loadImage(address, crossOrigin) : loadFont(address)).catch(() => {}))
    },
    async run () {
      try {
        await Promise.all([...loads.values(), ...edits.map(edit => edit.prepare?.())])
      } catch (error) {
        for (const edit of edits) edit.undo?.()
        throw error
      }
      for (const edit of edits) edit.commit()
    }
  }
}

async function loadImage (address: string, crossOrigin: string | null): Promise<void> {
  const image = new Image()
  // One that was had without asking is not the same one.
  image.crossOrigin = crossOrigin
  image.src = address
  await image.decode()
}

function loadFont (address: string): Promise<unknown> {
  return new FontFace('live-reload', `url("${address}")`).load()
}
