// What is served as uplot.js comes from the package of that name.
export { default } from 'uplot'
