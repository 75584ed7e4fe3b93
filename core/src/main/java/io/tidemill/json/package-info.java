/**
 * JSON by Jackson. The library is optional: who uses this package adds {@code com.fasterxml.jackson.core:jackson-databind}.
 */
@NullMarked
package io.tidemill.json;

import org.jspecify.annotations.NullMarked;
