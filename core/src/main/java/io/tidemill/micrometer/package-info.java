/**
 * A broker's figures as Micrometer's meters. The only package that needs {@code io.micrometer:micrometer-core}, which whoever
 * uses it brings along.
 */
@NullMarked
package io.tidemill.micrometer;

import org.jspecify.annotations.NullMarked;
