package io.tidemill.metadata;

import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;

/** What to say of a setting that there is not. */
public final class SettingNames {
    private SettingNames() {}

    /**
     * Which one may be meant, and which there are.
     *
     * @param known at least one
     */
    public static String notKnown(String name, Collection<String> known) {
        String nearest = known.stream()
                .min(Comparator.comparingInt(candidate -> distance(candidate, name)))
                .orElseThrow();
        return "name=" + name + ", did you mean " + nearest + "? There are " + String.join(", ", known);
    }

    /** How many characters to insert, remove or exchange so that the one becomes the other. */
    private static int distance(String from, String to) {
        int[] row = new int[to.length() + 1];
        Arrays.setAll(row, i -> i);
        for (int i = 1; i <= from.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= to.length(); j++) {
                int exchange = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(exchange, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[to.length()];
    }
}
