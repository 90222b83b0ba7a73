// Runs before the page is painted: the chosen theme, or the system's.
;(() => {
  const system = matchMedia('(prefers-color-scheme: dark)')
  const remembered = () => {
    try {
      return localStorage.getItem('theme')
    } catch {
      return null
    }
  }
  const show = () => {
    const theme = remembered() ?? (system.matches ? 'dark' : 'light')
    document.documentElement.dataset.theme = theme
    document.getElementById('theme')?.setAttribute('aria-label', `Switch to the ${theme === 'dark' ? 'light' : 'dark'} theme`)
  }
  show()
  system.addEventListener('change', show)
  addEventListener('DOMContentLoaded', () => {
    show()
    document.getElementById('theme').addEventListener('click', () => {
      const next = document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark'
      try {
        localStorage.setItem('theme', next)
        show()
      } catch {
        document.documentElement.dataset.theme = next
      }
    })
  })
})()
