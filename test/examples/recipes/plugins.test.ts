// Plugins of Fastify beside the plugin: a reload is one visit, and finds what it left.
import { test } from 'tap'
import { checkRecipe } from './check.js'
import { PLUGINS } from './plugins.js'

for (const recipe of PLUGINS) test(recipe.name, t => checkRecipe(t, recipe))
