// All recipes that have their test here, by the name of the test file.
import { BROWSER } from './browser.js'
import { BUILDS } from './builds.js'
import type { Recipe } from './recipe.js'
import { RESTARTING } from './restarting.js'
import { VIEWS } from './views.js'

const GROUPS = { restarting: RESTARTING, views: VIEWS, builds: BUILDS, browser: BROWSER } as const

export const RECIPES: readonly (Recipe & { readonly group: string })[] =
  Object.entries(GROUPS).flatMap(([group, recipes]) => recipes.map(recipe => ({ ...recipe, group })))
