/** What a broken server does, and rules that find it: each defect is one thing that can be wrong with an implementation of the protocol. */
export const DEFECTS = {
  // handshake and tickets
  'no subprotocol echoed': ['the server echoes sluice.v1 and never the ticket'],
  'no ticket in the query': ['a ticket may stand in the query, a token in the header Authorization'],
  'everybody gets in': [
    'without a valid ticket or token the handshake is answered with 401',
    'what is refused is problem+json with a stable code',
    'a direct run needs credentials and a valid body',
  ],
  'tickets opened twice': [
    'a ticket opens one connection, once',
    'authenticate with a ticket of the same caller prolongs the connection',
    'a ticket opens one path, and that one again, and nothing else',
  ],
  'no greeting': [
    'connection_established comes before the answer to the first frame, once',
    'agent_request with subscribe false is not followed',
  ],
  'no authentication on a live socket': [
    'authenticate with a ticket of the same caller prolongs the connection',
    'authenticate with a ticket that nobody issued is answered with unauthorized',
    'a connection with auth=frame must authenticate first; frames before are refused',
  ],
  'any ticket prolongs': [
    'authenticate with a ticket of the same caller prolongs the connection',
    'authenticate with a ticket that nobody issued is answered with unauthorized',
  ],
  'frames before authentication': ['a connection with auth=frame must authenticate first; frames before are refused'],
  'silent sockets stay': ['a connection with auth=frame that stays silent is closed after five seconds'],
  'any endpoint': ['an unknown endpoint is refused at the handshake'],
  'endpoints subscribe to nothing': ['endpoint=health subscribes to health_events and alerts'],
  'the address subscribes to nothing': ['executionId and after in the query subscribe to an execution at once'],
  // frames
  'no pong': ['ping is answered with pong, whatever its id'],
  'deaf to what is not JSON': ['a text that is not JSON is answered with validation_error, and the connection goes on'],
  'deaf to unknown frames': ['a frame that nobody knows is answered with validation_error and its id'],
  'broadcasts are lost': ['a broadcast reaches every connection of the tenant that is counted'],
  'large frames are welcome': ['a frame of more than 32 KB is refused, by an error or by the close 1009'],
  // subscriptions
  'events before the confirmation': [
    'subscription_confirmed comes before the first realtime_event and answers with response_to',
    'who has everything is confirmed and gets nothing again',
  ],
  'confirmations without response_to': [
    'a running execution is sent from its start, in order, without a gap, to a true terminal event',
    'after the terminal event the subscription is over, and nothing follows',
    'the same cursor gives the same events on the socket, on Server-Sent Events and on HTTP',
    'a stream that is dropped in the middle goes on behind its cursor on another transport',
  ],
  'a gap': ['a running execution is sent from its start, in order, without a gap, to a true terminal event'],
  'a repeated event': ['executionId and after in the query subscribe to an execution at once'],
  'a wrong hash': [
    'id is the sequence, event the type, data the event, and the stream ends after the terminal event',
    'a direct run goes on to its end when its caller goes away, and is resumed by its cursor',
  ],
  'a wrong count': ['a running execution is sent from its start, in order, without a gap, to a true terminal event'],
  'the cursor is off by one': ['executionId and after in the query subscribe to an execution at once'],
  'two terminal events': ['a running execution is sent from its start, in order, without a gap, to a true terminal event'],
  'always from the start': ['executionId and after in the query subscribe to an execution at once'],
  'one id for all subscriptions': [
    'events start at after + 1 of subscription_confirmed, whatever the cursor',
    'subscribing again replaces the subscription, with a new id',
  ],
  'unsubscribe does nothing': ['unsubscribe is confirmed, and ends the subscription'],
  'anything exists': [
    'what does not exist, or belongs to another tenant, is not_found',
    'cancel of what does not exist is not_found',
    'agent_request to an agent that does not exist is not_found',
    'errors are problem+json with a stable code',
  ],
  'nothing is packed': [
    'packed events stand for all of their range, and say the same as the unpacked',
    'snapshot=true sends packed events that say the same',
  ],
  'packed text is lost': [
    'packed events stand for all of their range, and say the same as the unpacked',
    'snapshot=true sends packed events that say the same',
  ],
  // requests
  'no agent_response': [
    'agent_request is accepted, followed from its start, and answered with agent_response',
    'agent_request takes query instead of input',
  ],
  'no query': ['agent_request takes query instead of input'],
  'every request is new': [
    'a request with a known idempotencyKey answers the execution that the first one made',
    'the same Idempotency-Key gives the first answer again, with another body 409 conflict',
  ],
  'everybody follows': ['agent_request with subscribe false is not followed'],
  'cancel does nothing': ['cancel is accepted, and the stream ends with cancelled and what was said so far'],
  'the text of a cancelled execution is lost': [
    'cancel is accepted, and the stream ends with cancelled and what was said so far',
  ],
  // http
  'pages overlap': ['the pages of an execution, of whatever size, are its whole stream'],
  'plain errors': ['every call without a valid token is 401 unauthorized'],
  'no field is named': ['a rejected field is named in errors'],
  'conflicts pass': ['the same Idempotency-Key gives the first answer again, with another body 409 conflict'],
  // server-sent events
  'no ids': ['a topic has the same numbers on Server-Sent Events and on HTTP'],
  'after beats Last-Event-ID': ['Last-Event-ID takes precedence over after'],
  'ended streams hang': [
    'who has everything is answered with 204, after which an EventSource stays away',
    'a token is taken in x-sluice-authorization',
  ],
  'no 204': ['who has everything is answered with 204, after which an EventSource stays away'],
  'no comments': ['a comment comes at least every fifteen seconds'],
  'no retry': ['retry tells an EventSource when to come back'],
  'facts of all types': ['/streams/events tells the facts, of one type where asked'],
  'flat events have names': ['/agent-stream/{id} writes flat events without a name'],
  'streams open twice anywhere': ['a ticket opens one path, and that one again, and nothing else'],
  'no token on streams': ['a token is taken in x-sluice-authorization'],
  'no direct run': ['POST /streams/executions answers with accepted, then the whole stream of the execution'],
  'previews are numbered': [
    'POST /streams/executions answers with accepted, then the whole stream of the execution',
    'previews have no id, and the next numbered events say what they said',
  ],
  'previews lie': ['previews have no id, and the next numbered events say what they said'],
  'runs end with their caller': ['a direct run goes on to its end when its caller goes away, and is resumed by its cursor'],
  // topics
  'topics from the start': ['without a cursor a topic is sent from now on; behind a cursor from there'],
  'topics have other numbers': ['without a cursor a topic is sent from now on; behind a cursor from there'],
  'large messages travel': ['a message too large for a frame comes with data null, and dataref leads to it'],
  'messages come twice': ['a message whose id is known is accepted and changes nothing'],
  'no facts': ['the channel all tells what happens to an execution, numbered like a topic'],
  // other transports
  'no GraphQL': ['GraphQL pages give the same events'],
  'GraphQL never completes': ['a GraphQL subscription gives the same events behind its cursor, and completes'],
  'no flat view': [
    'view=flat writes each event with its fields side by side',
    'view=flat writes a message of a topic as topic_message',
    '/ws/agent-stream/{id} sends the flat events of an execution at once',
  ],
} as const satisfies Record<string, readonly string[]>

export type Defect = keyof typeof DEFECTS
