// Engines of @fastify/view: templates and what they include reload the page.
import { test } from 'tap'
import { checkRecipe } from './check.js'
import { VIEWS } from './views.js'

for (const recipe of VIEWS) test(recipe.name, t => checkRecipe(t, recipe))
