"""What came of a run: confusion matrix, figures by class, summary; down to single clips."""
