/* A colour scheme that was chosen here, before anything is painted. No module: those run after the first paint. */
{
  let chosen = null
  try {
    chosen = localStorage.getItem('clickcounter.scheme')
  } catch {
    // The browser forbids storage: the system decides.
  }
  document.documentElement.dataset.scheme = chosen === 'light' || chosen === 'dark' ? chosen : 'system'
}
