import type Joi from '@hapi/joi'

/**
 * A JSON Schema, written down or made from the Joi schema that validates. One with a label becomes a
 * component of the document under that name.
 */
export type Schema = Joi.Schema | { readonly [keyword: string]: unknown }

/** OpenAPI's Operation Object as far as it is used here, Joi schemas standing where it has JSON Schemas. */
export interface Operation {
  /** Names the operation in generated clients. */
  readonly operationId: string
  /** The section of the document that it stands in; see TAGS in document.ts. */
  readonly tags: readonly [Tag]
  readonly summary: string
  /** Markdown. */
  readonly description?: string
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: {
    readonly description?: string
    readonly required: boolean
    readonly content: Content
  }
  /** By status. What any request may be answered with is added, see answers.ts. */
  readonly responses: Answers
}

export type Tag = 'Counting' | 'Reading' | 'Health' | 'Dashboard' | 'Documentation'

export type Answers = Readonly<Record<number, Answer>>

export interface Parameter {
  readonly name: string
  readonly in: 'path' | 'header'
  readonly required: boolean
  readonly description: string
  readonly schema: Schema
  readonly examples: Examples
}

export interface Answer {
  readonly description: string
  /** All but Content-Type and those of the transport, such as Date. */
  readonly headers?: Readonly<Record<string, Header>>
  /** Left out where there is no body. */
  readonly content?: Content
}

export interface Header {
  readonly description: string
  /** Whether each answer of that status has it. */
  readonly required: boolean
  readonly schema: Schema
}

/** By media type, without parameters. */
export type Content = Readonly<Record<string, { readonly schema: Schema; readonly examples: Examples }>>

export type Examples = Readonly<Record<string, { readonly summary?: string; readonly value: unknown }>>

declare module '@hapi/hapi' {
  interface PluginSpecificConfiguration {
    /**
     * What /openapi.json says about the route; null: it answers what is not in there. A route without either
     * fails the tests.
     */
    operation?: Operation | null
  }
}
