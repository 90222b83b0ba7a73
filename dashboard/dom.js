const SVG = 'http://www.w3.org/2000/svg'

export const byId = id => document.getElementById(id)

/** An element. Strings become text nodes, never markup: everything shown here was chosen by strangers. */
export function element(tag, properties = {}, ...children) {
  return filled(document.createElement(tag), properties, children)
}

export function svg(tag, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, tag), attributes, children)
}

function filled(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue
    if (name.startsWith('--')) node.style.setProperty(name, value)
    else if (name.startsWith('on')) node.addEventListener(name.slice(2), value)
    else node.setAttribute(name, value === true ? '' : value)
  }
  node.append(...children.filter(child => child !== null && child !== undefined && child !== ''))
  return node
}

/** Writes only what differs, so that an unchanged text is not announced or painted again. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text
}

/**
 * Brings the children of `list` to `items` and keeps those whose key stays, so that focus and animations survive.
 * `make(item)` creates a child, `update(child, item)` fills it.
 */
export function reconcile(list, items, { key, make, update }) {
  const kept = new Map([...list.children].map(child => [child.dataset.key, child]))
  let place = list.firstElementChild
  for (const item of items) {
    const name = key(item)
    let child = kept.get(name)
    kept.delete(name)
    if (!child) {
      child = make(item)
      child.dataset.key = name
    }
    update?.(child, item)
    if (child === place) place = place.nextElementSibling
    else list.insertBefore(child, place)
  }
  for (const child of kept.values()) child.remove()
}
