/** Planted bugs: classes of ours that are compiled anew with a change, for the simulations that must find what is wrong with them. */
@NullMarked
package io.tidemill.planted;

import org.jspecify.annotations.NullMarked;
