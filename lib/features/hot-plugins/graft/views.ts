// Hooks of the app for routes and scopes run again for every version. What they keep of one must not keep the version alive,
// so they get a view of it that is emptied when the version ends. Made at the top level: a closure made elsewhere would keep its scope.

type Hook = (this: unknown, ...args: unknown[]) => unknown

/** Opens and empties the views of one version. */
export class Views {
  #targets: { target: object }[] = []

  open<T extends object> (object: T): T {
    const holder = { target: object as object }
    this.#targets.push(holder)
    return new Proxy({}, createHandler(holder)) as T
  }

  close (): void {
    for (const holder of this.#targets) holder.target = {}
    this.#targets = []
  }
}

function createHandler (holder: { target: object }): ProxyHandler<object> {
  return {
    get: (_, key) => Reflect.get(holder.target, key),
    set: (_, key, value) => Reflect.set(holder.target, key, value),
    has: (_, key) => Reflect.has(holder.target, key),
    deleteProperty: (_, key) => Reflect.deleteProperty(holder.target, key),
    ownKeys: () => Reflect.ownKeys(holder.target),
    getPrototypeOf: () => Reflect.getPrototypeOf(holder.target),
    defineProperty: (_, key, descriptor) => Reflect.defineProperty(holder.target, key, { ...descriptor, configurable: true }),
    getOwnPropertyDescriptor (_, key) {
      const found = Reflect.getOwnPropertyDescriptor(holder.target, key)
      // A proxy may not claim that a property is fixed which its own target does not have.
      return found && { ...found, configurable: true }
    }
  }
}

/** The same hook, with a view as its first argument. `views` is asked for when it runs. */
export function withView (hook: Hook, holder: { views: Views }): Hook {
  return function (this: unknown, first, ...rest) {
    return hook.call(this, holder.views.open(first as object), ...rest)
  }
}
