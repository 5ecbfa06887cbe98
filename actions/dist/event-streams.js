import { EventStreamCodec, EventStreamMarshaller, EventStreamMarshaller$1, EventStreamSerde, HeaderMarshaller, Int64, MessageDecoderStream, MessageEncoderStream, SmithyMessageDecoderStream, SmithyMessageEncoderStream, eventStreamSerdeProvider, eventStreamSerdeProvider$1, getChunkedStream, getMessageUnmarshaller, getUnmarshalledStream, init_EventStreamCodec, init_EventStreamMarshaller as init_EventStreamMarshaller$1, init_EventStreamMarshaller$1 as init_EventStreamMarshaller, init_EventStreamSerde, init_EventStreamSerdeConfig, init_HeaderMarshaller, init_Int64, init_MessageDecoderStream, init_MessageEncoderStream, init_SmithyMessageDecoderStream, init_SmithyMessageEncoderStream, init_event_streams, init_getChunkedStream, init_getUnmarshalledStream, init_utils, iterableToReadableStream, readableStreamToIterable, resolveEventStreamSerdeConfig } from "./shared.js";

init_Int64();
init_HeaderMarshaller();
init_EventStreamCodec();
init_MessageDecoderStream();
init_MessageEncoderStream();
init_SmithyMessageDecoderStream();
init_SmithyMessageEncoderStream();
init_getChunkedStream();
init_getUnmarshalledStream();
init_EventStreamMarshaller();
init_EventStreamMarshaller$1();
init_utils();
init_EventStreamSerdeConfig();
init_EventStreamSerde();
init_event_streams();
export { EventStreamSerde, eventStreamSerdeProvider };