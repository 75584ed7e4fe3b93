package io.tidemill;

/**
 * A serializer and the deserializer that belongs to it.
 *
 * @param serializer to bytes
 * @param deserializer from bytes
 * @param <T> what they convert
 */
public record Serde<T>(Serializer<T> serializer, Deserializer<T> deserializer) {}
