/** The rules that keep the modules a star and the seams the only way out; every module's tests check them. */
@NullMarked
package io.tidemill.architecture;

import org.jspecify.annotations.NullMarked;
