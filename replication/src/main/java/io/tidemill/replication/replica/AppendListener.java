package io.tidemill.replication.replica;

/** Is told what became of a batch, once at most: who hears nothing finds another leader. */
@FunctionalInterface
interface AppendListener {
    void onAnswer(AppendAnswer answer);
}
