import { css, html, LitElement, nothing } from 'lit'
import { kindOf, type OpenApiDocument, resolve, type SchemaObject } from '../api-reference/openapi-document.ts'
import { sharedStyles } from './shared-styles.ts'

/** Fields of a schema, each with its kind; what has fields of its own opens with a click. */
export class SchemaTree extends LitElement {
  static override properties = { document: { attribute: false }, schema: { attribute: false } }
  static override styles = [
    sharedStyles,
    css`
      :host { display: block; min-width: 0; }
      ul { list-style: none; margin: 0; padding: 0; display: grid; gap: 0.25rem; }
      ul ul { padding-left: 1rem; border-left: 1px solid var(--line); margin-block: 0.25rem; }
      li { overflow-wrap: anywhere; }
      summary { cursor: pointer; }
      .required { color: var(--bad); }
    `,
  ]

  declare document: OpenApiDocument
  declare schema: SchemaObject

  protected override render(): unknown {
    return html`<div class="small">${this.#fields(this.schema) ?? html`<p>${kindOf(this.document, this.schema)}</p>`}</div>`
  }

  /** Undefined when the value has no fields. */
  #fields(given: SchemaObject): unknown {
    const { schema } = resolve(this.document, given)
    const choices = schema.anyOf ?? schema.oneOf
    if (choices?.some((choice) => this.#hasFields(choice)))
      return html`<ul>${choices.map((choice) => html`<li>${this.#node(kindOf(this.document, choice), choice)}</li>`)}</ul>`
    if (schema.items && this.#hasFields(schema.items)) return this.#fields(schema.items)
    if (!schema.properties) return undefined
    const { properties, required = [] } = schema
    return html`
      <ul>
        ${Object.entries(properties).map(
          ([name, field]) => html`
            <li>
              ${this.#node(
                html`<code>${name}</code>${required.includes(name) ? html`<span class="required" title="required">*</span>` : nothing}
                  <span class="soft">${kindOf(this.document, field)}${field.description ? ` – ${field.description}` : ''}</span>`,
                field,
              )}
            </li>
          `,
        )}
      </ul>
    `
  }

  /** What is inside is drawn when it is opened: schemas may refer to themselves. */
  #node(label: unknown, schema: SchemaObject): unknown {
    if (!this.#hasFields(schema)) return label
    const open = (event: Event): void => {
      const details = event.target as HTMLDetailsElement
      const tree = details.querySelector('schema-tree') ?? details.appendChild(document.createElement('schema-tree'))
      Object.assign(tree, { document: this.document, schema })
    }
    return html`<details @toggle=${{ handleEvent: open, once: true }}><summary>${label}</summary></details>`
  }

  #hasFields(given: SchemaObject): boolean {
    const { schema } = resolve(this.document, given)
    if (schema.properties) return Object.keys(schema.properties).length > 0
    if (schema.items) return this.#hasFields(schema.items)
    return (schema.anyOf ?? schema.oneOf ?? []).some((choice) => this.#hasFields(choice))
  }
}

customElements.define('schema-tree', SchemaTree)
