// Hooks of the app for routes and scopes run again for every version. What they keep of one must not keep the version alive,
// so they get a view of it that is emptied when the version ends.

type Hook = (this: unknown, ...args: unknown[]) => unknown

/** Opens and empties the views of one version. */
export class Views {
  #targets: { target: object, readonly rest: object }[] = []

  /** `rest`: what is seen when the version has ended. */
  open<T extends object> (object: T, rest: object): T {
    const holder = { target: object as object, rest }
    this.#targets.push(holder)
    return new Proxy({}, createHandler(holder)) as T
  }

  close (): void {
    for (const holder of this.#targets) holder.target = holder.rest
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

/** A hook for new scopes. Of one that has ended, `app` is seen. */
export function withScopeView (hook: Hook, views: Views, app: object): Hook {
  return function (this: unknown, scope, ...rest) {
    return hook.call(this, views.open(scope as object, app), ...rest)
  }
}

/** A hook for new routes. Of one that has ended, its address is seen, and that API documents leave it out. */
export function withRouteView (hook: Hook, views: Views): Hook {
  return function (this: unknown, options) {
    const { method, url, path, routePath, prefix } = options as Record<string, unknown>
    return hook.call(this, views.open(options as object, { method, url, path, routePath, prefix, schema: { hide: true } }))
  }
}
