// The names in a directory, and what is there. Most directories are small, and a Map takes three times the memory of an array.

/** More names than these are found faster in a Map. */
const MAX_LISTED = 32

/** `Node` is no string. */
export class Children<Node> {
  /** Name, node, name, node. */
  #list: (string | Node)[] = []
  #map: Map<string, Node> | undefined

  get size (): number { return this.#map?.size ?? this.#list.length / 2 }

  get (name: string): Node | undefined {
    if (this.#map !== undefined) return this.#map.get(name)
    const at = this.#list.indexOf(name)
    return at === -1 ? undefined : this.#list[at + 1] as Node
  }

  set (name: string, node: Node): void {
    const at = this.#list.indexOf(name)
    if (at !== -1) this.#list[at + 1] = node
    else if (this.#map === undefined && this.size < MAX_LISTED) this.#list.push(name, node)
    else this.#becomeMap().set(name, node)
  }

  delete (name: string): void {
    this.#map?.delete(name)
    const at = this.#list.indexOf(name)
    if (at !== -1) this.#list.splice(at, 2)
  }

  /** Those of now: names may be added and deleted meanwhile. */
  names (): string[] {
    return this.#map === undefined ? this.#list.filter((_, i) => i % 2 === 0) as string[] : [...this.#map.keys()]
  }

  #becomeMap (): Map<string, Node> {
    if (this.#map === undefined) {
      this.#map = new Map(this.names().map(name => [name, this.get(name) as Node]))
      this.#list = []
    }
    return this.#map
  }
}
