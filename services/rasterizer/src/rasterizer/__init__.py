"""Turn PDF files into page images and annotated PDFs: files in, files out."""
