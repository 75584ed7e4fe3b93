package io.tidemill.planted;

/**
 * In the source of one class, one piece of text in place of another, wherever that stands.
 *
 * @param className with its package
 */
public record Patch(String className, String text, String replacement) {}
