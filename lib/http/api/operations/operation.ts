import type { RouteOptions, ServerRoute } from '@hapi/hapi'
import type Joi from '@hapi/joi'
import type { Access } from '../../../access/scopes.ts'

/**
 * A JSON Schema, or the Joi schema that it is made from. One with a label becomes a component of the
 * document, under that name.
 */
export type Schema = Joi.Schema | { readonly [keyword: string]: unknown }

/** What OpenAPI says of a route: some fields of its Operation Object, with Joi schemas. */
export interface Operation {
  /** The operation's name in generated clients. */
  readonly operationId: string
  /** Who may use the route. */
  readonly access: Access
  /** The section of the document, see TAGS in document.ts. */
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
  /** By status. The document adds the answers that any request may get, see documented-answers.ts. */
  readonly responses: DocumentedAnswers
}

export type Tag = 'Counting' | 'Reading' | 'Banners' | 'Health' | 'Keys' | 'Dashboard' | 'Documentation'

export type DocumentedAnswers = Readonly<Record<number, DocumentedAnswer>>

export interface Parameter {
  readonly name: string
  readonly in: 'path' | 'query' | 'header'
  readonly required: boolean
  readonly description: string
  readonly schema: Schema
  /** Of a list in the query, false: it is one text, with commas. */
  readonly explode?: false
  readonly examples?: Examples
}

export interface DocumentedAnswer {
  readonly description: string
  /** All but Content-Type and the headers of the transport, such as Date. */
  readonly headers?: Readonly<Record<string, Header>>
  /** Left out when the answer has no body. */
  readonly content?: Content
}

export interface Header {
  readonly description: string
  /** Whether every answer of this status has it. */
  readonly required: boolean
  readonly schema: Schema
}

/** By media type, without parameters. */
type Content = Readonly<Record<string, { readonly schema: Schema; readonly examples: Examples }>>

export type Examples = Readonly<Record<string, { readonly summary?: string; readonly value: unknown }>>

/** A route of ours. One that does not say what it does, and for whom, is none. */
export interface Route extends ServerRoute {
  readonly options: RouteOptions & { readonly plugins: { readonly operation: Operation | null } }
}

declare module '@hapi/hapi' {
  interface PluginSpecificConfiguration {
    /**
     * What /openapi.json says of the route. null: the document leaves the route out, because it only refuses
     * what no other route answers.
     */
    operation?: Operation | null
  }
}
